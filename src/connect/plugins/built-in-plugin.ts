import { CATALOGUE } from '../../connectors/catalogue.ts';
import { connectArn, type Place } from '../../control/aws/arn.ts';
import type { ControlOptions } from '../../control/control.ts';
import type { Connector } from '../state/connector.ts';
import type { Plugin } from '../state/plugin.ts';

const BUILT_IN = 'millrace-built-in';
/** There is one, which nobody made. */
const UUID = '00000000-0000-4000-8000-000000000000';

/**
 * The plugin of the connectors that are built in. It is in no store, so it is there from the start and cannot
 * be deleted. Its classes have the version of this program.
 */
export function builtInPlugin(place: Place & Pick<ControlOptions, 'version'>): Plugin {
  const version = place.version ?? null;
  return {
    arn: connectArn(place, 'custom-plugin', BUILT_IN, UUID),
    uuid: UUID,
    name: BUILT_IN,
    description: 'Connectors that are part of Millrace and need no Java.',
    contentType: 'ZIP',
    bucketArn: 'arn:aws:s3:::millrace',
    fileKey: BUILT_IN,
    createdAt: 0,
    tags: {},
    state: 'ACTIVE',
    stateInfo: null,
    fileMd5: '',
    fileSize: 0,
    classes: CATALOGUE.map(({ className, kind }) => ({ class: className, type: kind, version })),
    hasManifests: true,
  };
}

export function isBuiltIn({ plugin }: Pick<Connector, 'plugin'>): boolean {
  return plugin.arn.includes(`:custom-plugin/${BUILT_IN}/${UUID}-`);
}
