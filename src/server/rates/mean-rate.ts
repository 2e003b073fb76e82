/** quota.window.num and quota.window.size.seconds. */
export interface QuotaWindows {
  readonly count: number;
  readonly lengthMs: number;
}

interface Window {
  readonly startedAt: number;
  amount: number;
}

/**
 * How much of something there was in a second, as Kafka measures it for quotas: the mean since the oldest of
 * the last windows began, and never over less time than all windows but one. So what was not used for that
 * time may come at once.
 */
export class MeanRate {
  /** Oldest first. */
  #windows: Window[] = [];

  count(amount: number, now: number, { count, lengthMs }: QuotaWindows): void {
    this.#forget(now - count * lengthMs);
    const last = this.#windows.at(-1);
    if (last && now < last.startedAt + lengthMs) last.amount += amount;
    else this.#windows.push({ startedAt: now, amount });
  }

  /** How much more there may be now; negative when there was too much. */
  room(bound: number, now: number, windows: QuotaWindows): number {
    this.#forget(now - windows.count * windows.lengthMs);
    return (bound * this.#spanMs(now, windows)) / 1000 - this.#total();
  }

  /** How long there may be nothing, so that the mean is within the bound again; 0 when it is. */
  waitMs(bound: number, now: number, windows: QuotaWindows): number {
    const excess = -this.room(bound, now, windows);
    return excess > 0 ? Math.round((excess / bound) * 1000) : 0;
  }

  #total(): number {
    return this.#windows.reduce((sum, { amount }) => sum + amount, 0);
  }

  #spanMs(now: number, { count, lengthMs }: QuotaWindows): number {
    const elapsedMs = now - (this.#windows[0]?.startedAt ?? now);
    const missing = Math.max(0, count - 1 - Math.floor(elapsedMs / lengthMs));
    return Math.max(1, elapsedMs + missing * lengthMs);
  }

  #forget(before: number): void {
    if ((this.#windows[0]?.startedAt ?? before + 1) > before) return;
    this.#windows = this.#windows.filter(({ startedAt }) => startedAt > before);
  }
}
