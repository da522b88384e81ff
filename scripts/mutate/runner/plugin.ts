import type { TestRunner } from './stryker.ts';
import { InProcessTestRunner } from './test-runner.ts';

/** What Stryker looks for in a plugin. */
export const strykerPlugins = [
  { kind: 'TestRunner', name: 'in-process', factory: (): TestRunner => new InProcessTestRunner() },
];
