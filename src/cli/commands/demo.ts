import { type Command, InvalidArgumentError } from 'commander';
import type { DemoOptions } from '../demo/args.ts';
import { durationOption, FLAGS } from '../flags.ts';
import type { Invocation } from '../invocation.ts';

const EXIT_CODES = `
With STORAGE_EMULATOR_HOST it plays on that server. With --bucket alone it plays
on Google, in a bucket of yours and with your credentials: twice as long, for
less than a cent.

Exit codes:
  0  no two processes held the lock at once, and all went as shown
  1  not so
  2  it could not begin: arguments, server, bucket, credentials

Examples:
  gcs-mutex demo --ttl 1s
  gcs-mutex demo --bucket my-bucket
`;

/** `gcs-mutex demo`, and the two roles that it starts as processes of their own. */
export function addDemo(program: Command, { onExitCode }: Invocation): void {
  program
    .command('demo')
    .summary('see processes contend for a lock')
    .description(
      'Starts an emulator of Google Cloud Storage and four processes that want one lock on it. Shows who waits and who ' +
        'holds, kills one holder, stops another past its time, and lets a process of its own judge whether two ever held ' +
        'the lock at once. Takes about 20 seconds.',
    )
    .option(
      '--bucket <name>',
      'play on this bucket; on an emulator it is made (default there: gcs-mutex-demo)',
    )
    .addOption(
      durationOption(
        '--ttl <duration>',
        'the time to live of the lock; all else scales with it (default: 3s, on Google 6s)',
      ),
    )
    .option('--seed <n>', 'repeat the random choices of an earlier run', parseSeed)
    .addOption(FLAGS.json())
    .addHelpText('after', EXIT_CODES)
    .action(async (options: DemoOptions) => {
      const { demoCommand } = await import('../demo-command.ts');
      onExitCode(await demoCommand(options));
    });
  program
    .command('demo-worker', { hidden: true })
    .argument('<part>')
    .action(async (part: string) => {
      const { playWorker } = await import('../demo/worker.ts');
      await playWorker(part);
    });
  program.command('demo-judge', { hidden: true }).action(async () => {
    const { sitInJudgement } = await import('../demo/judge.ts');
    await sitInJudgement();
  });
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (!/^\d+$/.test(text) || seed > 2 ** 32 - 1) {
    throw new InvalidArgumentError('It must be a whole number from 0 to 4294967295.');
  }
  return seed;
}
