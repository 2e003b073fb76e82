import type { Decision } from '../../base/decision.ts';
import type { ControlRecord } from './records.ts';
import type { ScramAssociation, ScramUser } from './scram-association.ts';

const NONE: ScramAssociation = { secrets: [], users: [] };

/** The associations of all clusters: commands decide, records change. */
export class ScramAssociations {
  readonly #byCluster = new Map<string, ScramAssociation>();

  of(clusterArn: string): ScramAssociation {
    return this.#byCluster.get(clusterArn) ?? NONE;
  }

  /** Clusters with secrets, or with users of earlier ones. */
  clusters(): string[] {
    return [...this.#byCluster.keys()];
  }

  associate(arn: string, secrets: readonly string[]): Decision<ControlRecord, null> {
    const before = this.of(arn);
    const added = secrets.filter((secret) => !before.secrets.includes(secret));
    if (added.length === 0) return nothing;
    return changed(arn, { ...before, secrets: [...before.secrets, ...new Set(added)] });
  }

  dissociate(arn: string, secrets: readonly string[]): Decision<ControlRecord, null> {
    const before = this.of(arn);
    const kept = before.secrets.filter((secret) => !secrets.includes(secret));
    return kept.length === before.secrets.length ? nothing : changed(arn, { ...before, secrets: kept });
  }

  /** Stored before the brokers are told: whoever they may know is remembered, whatever happens meanwhile. */
  giving(arn: string, names: readonly string[]): Decision<ControlRecord, null> {
    return this.#set(
      arn,
      names.map((name) => ({ name, value: null })),
      [],
    );
  }

  /** The brokers know these users, and do not know those that are gone. */
  given(arn: string, users: readonly ScramUser[], gone: readonly string[]): Decision<ControlRecord, null> {
    return this.#set(arn, users, gone);
  }

  replay(arn: string, association: ScramAssociation): void {
    if (association.secrets.length === 0 && association.users.length === 0) this.#byCluster.delete(arn);
    else this.#byCluster.set(arn, association);
  }

  removeOf(arn: string): void {
    this.#byCluster.delete(arn);
  }

  records(): ControlRecord[] {
    return [...this.#byCluster].map(([arn, association]) => ({ type: 'ScramRecord', arn, association }));
  }

  #set(arn: string, users: readonly ScramUser[], gone: readonly string[]): Decision<ControlRecord, null> {
    // The cluster was deleted meanwhile, and the users with it.
    if (!this.#byCluster.has(arn)) return nothing;
    const before = this.of(arn);
    const names = new Set([...users.map(({ name }) => name), ...gone]);
    const others = before.users.filter(({ name }) => !names.has(name));
    const isSo = (user: ScramUser): boolean =>
      before.users.some(({ name, value }) => name === user.name && value === user.value);
    if (users.every(isSo) && others.length + users.length === before.users.length) return nothing;
    return changed(arn, { ...before, users: [...others, ...users] });
  }
}

const nothing: Decision<ControlRecord, null> = { records: [], answer: null };

function changed(arn: string, association: ScramAssociation): Decision<ControlRecord, null> {
  return { records: [{ type: 'ScramRecord', arn, association }], answer: null };
}
