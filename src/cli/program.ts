import type { Command, Given, NameKind } from './command.ts';

export interface Program {
  readonly version: string;
  /** Loaded when called: listing clusters must not load what runs them. */
  readonly commands: readonly CommandEntry[];
  /** For completion. */
  readonly askNames?: AskNames;
}

export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<Command>;
}

/**
 * What there is on a running server; `given` are the options before, by which a cluster or an API may be
 * named.
 */
export type AskNames = (
  kind: NameKind,
  given: Pick<Given, 'maybe' | 'has' | 'text'>,
) => Promise<readonly string[]>;
