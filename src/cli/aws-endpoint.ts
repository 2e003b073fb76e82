import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The endpoint that the AWS tools would use for MSK, by their own rules: the variable of the service, that of
 * all services, the service's section of the profile, the profile. Undefined where none of them says one.
 */
export function awsEndpoint(environment: Environment): string | undefined {
  if (environment.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS?.toLowerCase() === 'true') return undefined;
  return (
    environment.AWS_ENDPOINT_URL_KAFKA ||
    environment.AWS_ENDPOINT_URL ||
    ofProfile(readConfig(environment), environment.AWS_PROFILE || 'default')
  );
}

function ofProfile(config: string, profile: string): string | undefined {
  const sections = sectionsOf(config);
  const own = sections.get(profile === 'default' ? 'default' : `profile ${profile}`);
  if (own?.get('ignore_configured_endpoint_urls')?.toLowerCase() === 'true') return undefined;
  const services = own?.get('services');
  const ofService = services === undefined ? undefined : sections.get(`services ${services}`);
  return ofService?.get('kafka.endpoint_url') ?? own?.get('endpoint_url');
}

/** No file is as good as an empty one. */
function readConfig(environment: Environment): string {
  try {
    return readFileSync(environment.AWS_CONFIG_FILE || join(homedir(), '.aws/config'), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error) return '';
    throw error;
  }
}

/** The settings of each section; an indented one is `name.setting` of the one above it. */
function sectionsOf(config: string): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let section = new Map<string, string>();
  let above = '';
  for (const line of config.split(/\r?\n/)) {
    if (/^\s*([#;]|$)/.test(line)) continue;
    const [, title] = /^\[\s*(.+?)\s*\]/.exec(line) ?? [];
    if (title !== undefined) {
      section = sections.get(title) ?? new Map();
      sections.set(title, section);
      continue;
    }
    const [, indent = '', name = '', value = ''] = /^(\s*)([^=\s]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (indent === '') above = name;
    section.set(indent === '' ? name : `${above}.${name}`, value);
  }
  return sections;
}
