import {
  ASYMMETRIC_MATCHERS_OBJECT,
  chai,
  getState,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState,
} from '@vitest/expect';

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

/** Vitest's own `expect`, without the parts that need vitest around it: snapshots and polling. */
export function createExpect() {
  const expect = Object.assign(
    (value: unknown, message?: string) => chai.expect(value, message),
    chai.expect,
    Reflect.get(globalThis, ASYMMETRIC_MATCHERS_OBJECT),
    {
      unreachable: (message = 'expected not to be reached') => chai.assert.fail(message),
      getState: () => getState(expect),
      setState: (state: object) => setState(state, expect),
    },
  );
  setState({ assertionCalls: 0 }, expect);
  return expect;
}
