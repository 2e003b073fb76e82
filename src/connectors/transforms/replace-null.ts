import { booleanProperty } from '../kernel/config-property.ts';

/** What most of Kafka's transforms have. */
export const REPLACE_NULL = {
  'replace.null.with.default': booleanProperty({
    importance: 'MEDIUM',
    doc: 'Whether null becomes the default of its field.',
    default: true,
  }),
};
