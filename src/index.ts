export { SCHEMA as placeholder } from './protocol/record.ts';
