import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const DEPLOY = join(import.meta.dirname, '../../deploy');

interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export const ALERT_RULES_FILE = join(DEPLOY, 'prometheus/alerts.yaml');

export function alertRules(): readonly AlertRule[] {
  const file: { readonly groups: readonly { readonly rules: readonly AlertRule[] }[] } = parse(
    readFileSync(ALERT_RULES_FILE, 'utf8'),
  );
  return file.groups.flatMap(({ rules }) => rules);
}

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>;
  readonly targets: readonly { readonly refId: string; readonly expr: string }[];
}

/** The panels of the dashboard for Grafana. */
export function panels(): readonly Panel[] {
  return JSON.parse(readFileSync(join(DEPLOY, 'grafana/millrace.json'), 'utf8')).panels;
}
