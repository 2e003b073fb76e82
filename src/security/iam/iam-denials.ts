import type { Logger } from '../../base/log.ts';
import { type AccessDecision, type AccessRule, accessRuleText } from './access-decision.ts';
import type { IamAsker } from './iam-asker.ts';

/** The same denial is logged once in this time: a client without a right asks again and again. */
const SAME_MS = 60_000;
/** Denials that are known to be logged already; more of them are logged only as a number. */
const KNOWN_MAX = 1000;
/** A name in an ARN may have 32,767 characters. */
const LOGGED_CHARACTERS = 500;

/**
 * Tells of what IAM's policies denied: each in the log, unless it was there just now, and all of them as
 * counts.
 */
export class IamDenials {
  readonly #log: Logger;
  readonly #monotonicMs: () => number;
  readonly #counts = new Map<AccessRule['kind'], number>();
  /** When each was logged, the oldest first. */
  readonly #logged = new Map<string, number>();
  #unlogged = 0;

  constructor(log: Logger, monotonicMs: () => number) {
    this.#log = log;
    this.#monotonicMs = monotonicMs;
  }

  /** How many requests were denied, by the kind of the rule that denied them. */
  get counts(): ReadonlyMap<AccessRule['kind'], number> {
    return this.#counts;
  }

  denied({ identity, host }: IamAsker, { action, resource, rule }: AccessDecision): void {
    this.#counts.set(rule.kind, (this.#counts.get(rule.kind) ?? 0) + 1);
    const { principalArn } = identity;
    const shown = resource.slice(0, LOGGED_CHARACTERS);
    if (!this.#isNew(JSON.stringify([principalArn, action, shown]))) {
      this.#unlogged++;
      return;
    }
    this.#log.warn(`IAM denied ${action} on ${shown} to ${principalArn}: ${accessRuleText(rule)}`, {
      principal: `IAM:${principalArn}`,
      identity: identity.identityArn,
      host,
      action,
      resource: shown,
      rule,
      ...(this.#unlogged > 0 ? { deniedUnlogged: this.#unlogged } : {}),
    });
    this.#unlogged = 0;
  }

  #isNew(denial: string): boolean {
    const now = this.#monotonicMs();
    for (const [oldest, at] of this.#logged) {
      if (now - at < SAME_MS) break;
      this.#logged.delete(oldest);
    }
    if (this.#logged.has(denial) || this.#logged.size >= KNOWN_MAX) return false;
    this.#logged.set(denial, now);
    return true;
  }
}
