import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { validate } from 'dockerfile-utils';
import { expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { parse } from '../../src/cli/command.ts';
import { upCommand } from '../../src/cli/up/up.ts';
import { ALERT_RULES_FILE, alertRules, panels } from '../support/dashboards.ts';
import { selectors } from '../support/promql.ts';

const DEPLOY = join(import.meta.dirname, '../../deploy');
const UNIT = readFileSync(join(DEPLOY, 'systemd/millrace.service'), 'utf8');
const DOCKERFILE = readFileSync(join(DEPLOY, 'docker/Dockerfile'), 'utf8');
const SYSTEMD_ANALYZE = '/usr/bin/systemd-analyze';

interface Compose {
  readonly services: Record<
    string,
    {
      readonly build: { readonly context: string; readonly dockerfile: string };
      readonly command: readonly string[];
      readonly ports: readonly string[];
      readonly volumes: readonly string[];
    }
  >;
  readonly volumes: Record<string, unknown>;
}
const COMPOSE: Compose = parseYaml(readFileSync(join(DEPLOY, 'docker/compose.yaml'), 'utf8'));
const [SERVICE] = Object.values(COMPOSE.services);

/**
 * Parses the arguments of `millrace` as the command line does; throws the message that the user would get.
 */
function accepted(args: readonly string[]): void {
  const [name, ...rest] = args;
  expect(name).toBe('up');
  const command = upCommand('0', null, () => Promise.reject(new Error('nothing is started here')));
  expect(parse(command, rest).text('data')).toMatch(/^\//);
}

/** The value of an instruction of the image's last stage whose arguments are JSON. */
function jsonInstruction(name: string): string[] {
  const line = DOCKERFILE.split('\n').findLast((text) => text.startsWith(`${name} `));
  return JSON.parse(line?.slice(name.length) ?? 'null');
}

test('the systemd unit is one, by systemd’s own judgement where it is there', () => {
  const [, command = ''] = UNIT.match(/^ExecStart=(.*)$/m) ?? [];
  const [program = '', ...args] = command.split(' ');
  expect(program).toMatch(/^\/opt\/millrace\/.*\/millrace$/);
  accepted(args);
  if (!existsSync(SYSTEMD_ANALYZE)) return;
  const folder = mkdtempSync(join(tmpdir(), 'millrace-unit-'));
  try {
    const file = join(folder, 'millrace.service');
    writeFileSync(file, UNIT.replace(program, process.execPath));
    // It prints what it would ignore, and still ends with status 0.
    const said = execFileSync('sh', ['-c', `${SYSTEMD_ANALYZE} verify ${file} 2>&1`], { encoding: 'utf8' });
    expect(said).toBe('');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('the Dockerfile has no fault, runs as a user without rights, and its command is one of ours', () => {
  expect(validate(DOCKERFILE)).toEqual([]);
  expect(DOCKERFILE.match(/^USER (.*)$/m)?.[1]).toBe('node');
  expect(jsonInstruction('ENTRYPOINT')).toEqual(['millrace']);
  accepted(jsonInstruction('CMD'));
});

test('the compose file builds that image, with a command of ours, on ports of this machine only', () => {
  if (!SERVICE) throw new Error('no service');
  const dockerfile = join(DEPLOY, 'docker', SERVICE.build.context, SERVICE.build.dockerfile);
  expect(dockerfile).toBe(join(DEPLOY, 'docker/Dockerfile'));
  accepted(SERVICE.command);
  for (const port of SERVICE.ports) expect(port).toMatch(/^127\.0\.0\.1:(\d+):\1$/);
  const exposed = DOCKERFILE.match(/^EXPOSE (.*)$/m)?.[1]?.split(' ');
  expect(SERVICE.ports.map((port) => port.split(':').at(-1))).toEqual(exposed);
  expect(SERVICE.volumes.map((volume) => volume.split(':')[0])).toEqual(Object.keys(COMPOSE.volumes));
});

const PROMTOOL = '/usr/bin/promtool';

test('the alert rules are some, by Prometheus’s own grammar, and by its tool where it is there', () => {
  const rules = alertRules();
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  for (const { alert, expr, for: patience, labels, annotations } of rules) {
    expect(selectors(expr).length, alert).toBeGreaterThan(0);
    expect(patience, alert).toMatch(/^\d+[smh]$/);
    expect(labels.severity, alert).toMatch(/^(critical|warning)$/);
    expect(annotations.summary, alert).toMatch(/^[A-Z{].*\.$/);
  }
  if (existsSync(PROMTOOL)) execFileSync(PROMTOOL, ['check', 'rules', ALERT_RULES_FILE]);
});

test('the configuration for Prometheus reads the alert rules', () => {
  const file: { readonly rule_files: readonly string[] } = parseYaml(
    readFileSync(join(DEPLOY, 'prometheus/prometheus.yaml'), 'utf8'),
  );
  expect(file.rule_files.map((name) => join(DEPLOY, 'prometheus', name))).toEqual([ALERT_RULES_FILE]);
});

test('the dashboard’s panels ask for something by Prometheus’s own grammar, and lie beside each other', () => {
  const places = new Set<string>();
  for (const { title, gridPos, targets } of panels()) {
    for (const { expr } of targets) expect(selectors(expr).length, title).toBeGreaterThan(0);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect(x, title).toBeLessThan(24);
        expect(places.has(`${x}/${y}`), `${title} at ${x}/${y}`).toBe(false);
        places.add(`${x}/${y}`);
      }
  }
});
