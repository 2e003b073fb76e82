import { coloured } from '../colour.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../failure.ts';
import { JSON_OPTION } from '../options.ts';
import { dataFolderOrDefault, SERVER_OPTIONS } from '../server/data-folder.ts';
import { writeBundle } from './bundle.ts';
import { examine } from './examine.ts';
import type { Finding } from './finding.ts';
import type { Machine } from './machine.ts';

const COLOURS = { ok: 'green', note: 'dim', warning: 'yellow', error: 'red' } as const;

export function doctor(machine: Machine): Command {
  return {
    name: 'doctor',
    summary: 'Check this machine for problems that Millrace would have, and say what to do about them.',
    options: {
      ...SERVER_OPTIONS,
      port: { value: 'PORT', help: 'Port that the API is to have.', default: '7070' },
      'kafka-port': {
        value: 'PORT',
        help: "First port of the first cluster's brokers, where there is none yet.",
        default: '9092',
      },
      'kafka-home': {
        value: 'DIR',
        help: 'Folder of a release of Apache Kafka, for connectors. Default: KAFKA_HOME.',
      },
      bundle: {
        value: 'FILE',
        help: 'Write what was found, versions, the state of a running Millrace and the ends of all logs into FILE (.tar.gz), for a report.',
      },
      ...JSON_OPTION,
    },
    more: 'The exit status is 5 when there is an error. The bundle has no record, secret, password or key.',
    async run(given, output) {
      const folder = await dataFolderOrDefault(given);
      const findings = await examine(machine, folder, {
        port: given.integer('port', { min: 1, max: 65_535 }),
        kafkaPort: given.integer('kafka-port', { min: 1024, max: 65_000 }),
        kafkaHome: given.maybe('kafka-home') ?? process.env.KAFKA_HOME,
      });
      const isWell = !findings.some(({ level }) => level === 'error');
      const bundle = given.maybe('bundle');
      if (bundle !== undefined)
        await writeBundle(bundle, { machine, folder, findings, api: given.text('api') });
      if (given.switched('json'))
        output.line(
          JSON.stringify({ ok: isWell, dataDirectory: folder, findings, ...(bundle ? { bundle } : {}) }),
        );
      else {
        for (const finding of findings) for (const line of text(finding)) output.line(line);
        if (bundle !== undefined) {
          output.line('');
          output.line(
            `${bundle} can be attached to a report. Look into it first: names of topics and hosts are in it.`,
          );
        }
      }
      return isWell ? EXIT.done : EXIT.unhealthy;
    },
  };
}

function text({ check, level, found, advice }: Finding): string[] {
  const lines = [`${coloured(COLOURS[level], level.padEnd(7))}  ${check.padEnd(13)}  ${found}`];
  if (advice !== null) lines.push(`${' '.repeat(24)}${advice}`);
  return lines;
}
