/** A secret as the store knows it. Immutable: a record makes the next one. */
export interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly description: string | null;
  /** As it was given: an id, ARN or alias; null stands for the key that AWS manages. */
  readonly kmsKeyId: string | null;
  readonly createdAt: number;
  readonly changedAt: number;
  /** When it is removed; null while nobody asked for that. Until then it can be restored, and not be read. */
  readonly removedAt: number | null;
  /** When its removal was asked for. */
  readonly deletedAt: number | null;
  readonly tags: Readonly<Record<string, string>>;
  /** The resource policy, a JSON text. */
  readonly policy: string | null;
  /** Each has a stage at least: what has none is forgotten. */
  readonly versions: readonly SecretVersion[];
}

export interface SecretVersion {
  readonly id: string;
  readonly value: SecretValue;
  readonly createdAt: number;
  readonly stages: readonly string[];
}

/** Exactly one of them; `binary` in base64. */
export type SecretValue = { readonly text: string } | { readonly binary: string };

export const CURRENT = 'AWSCURRENT';
const PREVIOUS = 'AWSPREVIOUS';

export function versionAt(secret: Secret, stage: string): SecretVersion | null {
  return secret.versions.find(({ stages }) => stages.includes(stage)) ?? null;
}

/** A stage is at one version: it moves to the new one, and what was current is then the previous one. */
export function withVersion(secret: Secret, added: SecretVersion): Secret {
  const moved = new Set(added.stages);
  const isCurrent = moved.has(CURRENT) && versionAt(secret, CURRENT) !== null;
  const versions = secret.versions.map((version): SecretVersion => {
    const wasCurrent = version.stages.includes(CURRENT);
    const kept = version.stages.filter((stage) => !moved.has(stage) && !(isCurrent && stage === PREVIOUS));
    return { ...version, stages: isCurrent && wasCurrent ? [...kept, PREVIOUS] : kept };
  });
  return {
    ...secret,
    changedAt: added.createdAt,
    versions: [...versions.filter(({ stages }) => stages.length > 0), added],
  };
}

/**
 * What SCRAM needs of a secret; null when its value is not a JSON object with both as texts that are not
 * empty.
 */
export function loginIn({ value }: SecretVersion): {
  readonly username: string;
  readonly password: string;
} | null {
  if (!('text' in value)) return null;
  let login: unknown;
  try {
    login = JSON.parse(value.text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  if (typeof login !== 'object' || login === null) return null;
  const { username, password }: { username?: unknown; password?: unknown } = login;
  return typeof username === 'string' && username !== '' && typeof password === 'string' && password !== ''
    ? { username, password }
    : null;
}
