import type { World } from '../../base/world.ts';
import { DIRECTORY_FILE } from '../../security/iam/directory-file.ts';
import { IamSignIn, type RefusedClient } from '../../security/iam/iam-sign-in.ts';
import type { IamRefusal, IamRefusalReason } from '../../security/iam/request-proof.ts';
import { Repeats } from '../../server/gate/repeats.ts';
import { IamDirectorySource } from '../../server/iam/directory-source.ts';
import { PolicyAuthorizer } from '../../server/iam/policy-authorizer.ts';
import { type BrokerListener, type BrokerOptions, usesIam } from '../broker-options.ts';

/** All forms of a name that clients may have been given for one that is on their own machine. */
const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '::1'];

/** How clients sign in to a broker by IAM, on those of its listeners where they do. */
export class IamAccess {
  readonly source: IamDirectorySource;
  readonly signIn: IamSignIn;
  readonly authorizer: PolicyAuthorizer;
  readonly #refusals = new Map<IamRefusalReason, number>();
  readonly #lines: Repeats;

  constructor(world: World, options: BrokerOptions) {
    this.#lines = new Repeats(world.clock, world.log);
    this.source = new IamDirectorySource(world, `${options.dataDirectory}/${DIRECTORY_FILE}`);
    this.authorizer = new PolicyAuthorizer(world, () => this.source.current);
    this.signIn = new IamSignIn({
      directory: () => this.source.current,
      hosts: hostsOf(options.listeners),
      now: () => world.clock.now(),
      random: world.random,
      denial: (identity, clientHost) => this.authorizer.connectDenial(identity, clientHost),
      refused: (refusal) => this.#refused(refusal),
    });
  }

  /** How many sign-ins were refused, by the reason. */
  get refusals(): ReadonlyMap<IamRefusalReason, number> {
    return this.#refusals;
  }

  stop(): void {
    this.source.stop();
    this.#lines.stop();
    this.authorizer.stop();
  }

  #refused({ reason, detail, requestId, clientHost, mechanism }: IamRefusal & RefusedClient): void {
    this.#refusals.set(reason, (this.#refusals.get(reason) ?? 0) + 1);
    const same = { reason, detail, mechanism, from: clientHost };
    this.#lines.say('warn', 'a sign-in by IAM was refused', same, { requestId });
  }
}

/** What clients were told of the broker, on any of its listeners for IAM. */
function hostsOf(listeners: readonly BrokerListener[]): ReadonlySet<string> {
  const told = listeners
    .filter(usesIam)
    .flatMap(({ host, advertisedHost = host }) => [host, advertisedHost])
    .map((host) => host.toLowerCase());
  const isLocal = told.some((host) => LOOPBACK_HOSTS.includes(host));
  return new Set([...told, ...(isLocal ? LOOPBACK_HOSTS : [])]);
}
