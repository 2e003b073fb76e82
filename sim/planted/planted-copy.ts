import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { PlantedBug } from './bug.ts';

const ROOT = resolve(import.meta.dirname, '../..');
/** The files and folders that unit tests and simulations read. */
const COPIED = ['src', 'sim', 'test', 'package.json', 'tsconfig.json', 'vitest.config.ts'];
/** A test that hangs because of the bug has noticed nothing. */
const MESSAGE_LENGTH = 160;
const TIMEOUT_MS = 10 * 60 * 1000;

export interface TestRun {
  readonly failed: boolean;
  /** The first line of the failure's message. */
  readonly message: string;
}

/** The source of the file with the bug in it. Throws unless the text to replace occurs exactly once. */
export function plantedSource(bug: PlantedBug): string {
  const source = readFileSync(join(ROOT, bug.file), 'utf8');
  const found = source.split(bug.find).length - 1;
  if (found !== 1) throw new Error(`${bug.name}: its text stands ${found} times in ${bug.file}, not once`);
  return source.replace(bug.find, () => bug.replace);
}

/** A copy of the project, in which one bug at a time is planted. */
export class PlantedCopy {
  readonly #folder = mkdtempSync(join(tmpdir(), 'millrace-planted-'));

  constructor() {
    for (const name of COPIED) cpSync(join(ROOT, name), join(this.#folder, name), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(this.#folder, 'node_modules'));
  }

  plant(bug: PlantedBug): void {
    writeFileSync(join(this.#folder, bug.file), plantedSource(bug));
  }

  mend(bug: PlantedBug): void {
    cpSync(join(ROOT, bug.file), join(this.#folder, bug.file));
  }

  /** Runs one test file as a normal test run does; `only` is vitest's `-t`. */
  async test(file: string, only?: string): Promise<TestRun> {
    const project = file.startsWith('sim/') ? 'sim' : 'unit';
    const args = ['run', '--project', project, file, '--reporter', 'tap-flat', '--bail', '1'];
    args.push('--testTimeout', String(TIMEOUT_MS));
    const filter = only === undefined ? [] : ['-t', only];
    const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
    const { SEED: _, ...env } = process.env;
    const child = spawn(process.execPath, [vitest, ...args, ...filter], {
      cwd: this.#folder,
      env,
      timeout: TIMEOUT_MS,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text: string) => {
        output += text;
      });
    }
    const code = await new Promise<number | null>((done) => child.on('close', done));
    const message = firstFailure(output);
    // A timeout does not count as noticing the bug.
    return { failed: code === 1 && !message.includes('timed out'), message };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function firstFailure(output: string): string {
  const test = /^not ok \d+ - (?:.* > )?(.*?)(?: # time=.*)?$/m.exec(output)?.[1];
  const message = /^\s*message: "?(.*)$/m.exec(output)?.[1]?.split('\\n')[0]?.slice(0, MESSAGE_LENGTH);
  return [test, message].filter((part) => part !== undefined).join(': ');
}
