import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipBytes } from '../../src/connect/plugins/zip-bytes.ts';

const TOOLS = join(import.meta.dirname, '../../.test-tools');

/** A file that a user uploads as a plugin. */
export interface Archive {
  readonly name: string;
  readonly bytes: Buffer;
}

/** The archive as its vendor publishes it; `beginning` of the name. */
export function published(beginning: string): Archive {
  const name = files('connectors').find((one) => one.startsWith(beginning));
  if (name === undefined) throw missing('connectors');
  return { name, bytes: readFileSync(join(TOOLS, 'connectors', name)) };
}

/** An archive of all jars of a test tool. */
export function ofJars(tool: 'iceberg' | 'mirror'): Archive {
  const jars = files(tool).filter((one) => one.endsWith('.jar'));
  if (jars.length === 0) throw missing(tool);
  const content = jars.map((name) => ({
    name: `${tool}/${name}`,
    bytes: readFileSync(join(TOOLS, tool, name)),
  }));
  return { name: `${tool}.zip`, bytes: zipBytes(content) };
}

/** Empty if the installation of the tool was interrupted. */
function files(tool: string): string[] {
  const folder = join(TOOLS, tool);
  return existsSync(join(folder, 'complete')) ? readdirSync(folder) : [];
}

function missing(tool: string): Error {
  return new Error(`A plugin is not installed: run \`node scripts/test-tools.mjs ${tool}\``);
}
