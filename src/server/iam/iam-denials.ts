import type { World } from '../../base/world.ts';
import { type AccessDecision, type AccessRule, accessRuleText } from '../../security/iam/access-decision.ts';
import type { IamAsker } from '../../security/iam/iam-asker.ts';
import { Repeats } from '../gate/repeats.ts';

/** A name in an ARN may have 32,767 characters. */
const LOGGED_CHARACTERS = 500;

/**
 * Tells of what the policies of IAM denied: each in the log, as long as they are not many, and all as counts.
 */
export class IamDenials {
  readonly #lines: Repeats;
  readonly #counts = new Map<AccessRule['kind'], number>();

  constructor({ clock, log }: Pick<World, 'clock' | 'log'>) {
    this.#lines = new Repeats(clock, log);
  }

  /** How many requests were denied, by the kind of the rule that denied them. */
  get counts(): ReadonlyMap<AccessRule['kind'], number> {
    return this.#counts;
  }

  denied({ identity, host }: IamAsker, { action, resource, rule }: AccessDecision): void {
    this.#counts.set(rule.kind, (this.#counts.get(rule.kind) ?? 0) + 1);
    this.#lines.say('warn', 'IAM denied a request', {
      principal: `IAM:${identity.principalArn}`,
      action,
      resource: resource.slice(0, LOGGED_CHARACTERS),
      because: accessRuleText(rule),
      from: host,
    });
  }

  stop(): void {
    this.#lines.stop();
  }
}
