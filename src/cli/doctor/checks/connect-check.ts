import { type Finding, ok } from '../finding.ts';

/** Kafka Connect and its Java as they were found, or why they were not. */
export type ConnectFacts =
  | { readonly java: string; readonly javaRelease: number; readonly version: string }
  | { readonly missing: string };

/** `isWanted`: somebody named a folder of Apache Kafka, so connectors are meant to run. */
export function connectFinding(facts: ConnectFacts, isWanted: boolean): Finding {
  const check = 'Kafka Connect';
  if (!('missing' in facts))
    return ok(check, `Kafka Connect ${facts.version} with Java ${facts.javaRelease} (${facts.java}).`);
  const [found = '', advice = ''] = facts.missing.split(/: (?!.*: )/);
  return isWanted
    ? { check, level: 'error', found: `${found}.`, advice: sentence(advice) }
    : { check, level: 'note', found: `${found}.`, advice: `Only for connectors: ${advice}` };
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
