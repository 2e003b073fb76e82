import type { Clock } from '../../base/clock.ts';
import { silent } from '../../base/log.ts';
import { Sfc32 } from '../../base/random.ts';
import type { SourceOffset } from '../kernel/connect-record.ts';
import type { SourceTaskContext } from '../kernel/source-task.ts';

/** A source task's kernel for tests of one connector, with the offset that was stored before. */
export class TestSourceContext implements SourceTaskContext {
  readonly world: SourceTaskContext['world'];
  readonly name = 'test';
  readonly taskId = 0;
  readonly signal: AbortSignal;
  readonly stopping = new AbortController();
  readonly #stored: SourceOffset | null;

  constructor(clock: Clock, stored: SourceOffset | null) {
    this.world = { clock, random: new Sfc32(1), log: silent };
    this.signal = this.stopping.signal;
    this.#stored = stored;
  }

  async offset(): Promise<SourceOffset | null> {
    return this.#stored;
  }
}
