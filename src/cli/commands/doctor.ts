import type { Command } from 'commander';
import type { DoctorOptions } from '../doctor-command.ts';
import { addConnectionFlags, FLAGS } from '../flags.ts';
import type { Invocation } from '../invocation.ts';

const EXIT_CODES = `
It makes an object of its own below the prefix, does to it all that a lock does
and all that the store must refuse, and removes it; a warning names it where it
may be left, as after Ctrl-C while the store does not answer. On Google all that
takes about fifteen seconds and less than a hundredth of a cent. It says what is
at the very name, too: also a semaphore that a lock of the same name hides.

Exit codes:
  0  fine
  1  works, with warnings, or something could not be told
  2  unfit for locks

Example:
  gcs-mutex doctor gs://my-bucket/locks
`;

/** `gcs-mutex doctor`. */
export function addDoctor(program: Command, { onExitCode }: Invocation): void {
  const doctor = program
    .command('doctor')
    .summary('check whether a bucket is fit for locks')
    .description(
      'Checks by doing whether a bucket, its settings, the credentials and the network are fit for locks, and says what to mend.',
    )
    .argument('<url>', 'where the locks are to be, as gs://bucket or gs://bucket/prefix')
    .addOption(FLAGS.json());
  addConnectionFlags(doctor)
    .addHelpText('after', EXIT_CODES)
    .action(async (url: string, options: DoctorOptions) => {
      const { doctorCommand } = await import('../doctor-command.ts');
      onExitCode(await doctorCommand(url, options));
    });
}
