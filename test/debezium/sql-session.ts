import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A client of a database that reads statements from its input and ends at the first that fails. */
export class SqlSession {
  readonly #client: ChildProcess;
  readonly #mark: (text: string) => string;
  readonly #said: string[] = [];
  #heard: () => void = () => {};
  #count = 0;
  #isClosed = false;

  /** `mark`: a statement that makes the client print a line with exactly this text. */
  constructor(command: readonly [string, ...string[]], mark: (text: string) => string) {
    const [program, ...words] = command;
    this.#mark = mark;
    this.#client = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] });
    if (!this.#client.stdout) throw new Error('no stdout');
    createInterface({ input: this.#client.stdout }).on('line', (line) => {
      this.#said.push(line);
      this.#heard();
    });
    this.#client.once('close', () => {
      this.#isClosed = true;
      this.#heard();
    });
  }

  /**
   * Resolves with the lines that the statements print. Rejects if one fails; after that the session is over.
   */
  async sql(statements: string): Promise<string[]> {
    const end = `end of ${++this.#count}`;
    this.#client.stdin?.write(`${statements}\n${this.#mark(end)}\n`);
    for (;;) {
      const at = this.#said.indexOf(end);
      if (at >= 0) return this.#said.splice(0, at + 1).slice(0, -1);
      if (this.#isClosed) throw new Error(`${this.#client.spawnfile} ended at: ${statements}`);
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
  }

  end(): void {
    this.#client.stdin?.end();
  }
}
