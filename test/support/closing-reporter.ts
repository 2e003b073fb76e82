import type { Reporter, TestModule, TestRunEndReason } from 'vitest/node';

/**
 * Ends a run with one plain line, and names every skipped test with its reason, so that people see what did
 * not run. With CI=true a skipped test fails the run.
 */
export default class ClosingReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[], reason: TestRunEndReason): void {
    let passed = 0;
    let failed = errors.length;
    const skipped: string[] = [];
    for (const module of modules) {
      if (module.state() === 'failed' && [...module.children.allTests()].length === 0) failed++;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') passed++;
        else if (result.state === 'failed') failed++;
        else if (result.state === 'skipped')
          skipped.push(`${test.fullName}${result.note ? `: ${result.note}` : ''}`);
      }
    }
    for (const name of skipped) process.stdout.write(`skipped: ${name}\n`);
    if (process.env.CI === 'true' && skipped.length > 0 && reason !== 'failed') {
      process.stdout.write('Skipped tests are failures here: everything the tests need can be installed.\n');
      failed += skipped.length;
      process.exitCode = 1;
    }
    process.stdout.write(`${passed} passed, ${failed} failed, ${skipped.length} skipped\n`);
  }
}
