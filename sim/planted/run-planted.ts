import { PLANTED_BUGS } from './bugs.ts';
import { PlantedCopy } from './planted-copy.ts';

/**
 * Plants every matching bug, one by one, and runs its tests until one fails. Prints a line for each bug;
 * resolves with the number of bugs that no test noticed.
 */
export async function runPlanted(matching: string): Promise<number> {
  const copy = new PlantedCopy();
  let missed = 0;
  try {
    for (const bug of PLANTED_BUGS.filter(({ name }) => name.includes(matching))) {
      copy.plant(bug);
      const startedAt = performance.now();
      let line = 'NOT CAUGHT';
      for (const file of bug.caughtBy) {
        const { failed, message } = await copy.test(file, bug.test);
        if (!failed) continue;
        if (bug.found && !bug.found.test(message)) {
          line = `NOT CAUGHT, though ${file} failed: ${message}`;
          continue;
        }
        line = `${file}: ${message}`;
        break;
      }
      copy.mend(bug);
      if (line.startsWith('NOT CAUGHT')) missed++;
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
      process.stdout.write(`${bug.name} | ${seconds} s | ${line}\n`);
    }
  } finally {
    copy.remove();
  }
  return missed;
}
