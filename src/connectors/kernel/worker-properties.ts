import { classProperty, longProperty, oneOfProperty, stringProperty } from './config-property.ts';

/**
 * What a worker configuration may set of the workers of built-in connectors, beside converters and clients.
 */
export const WORKER_PROPERTIES = {
  'key.converter': classProperty({ importance: 'HIGH', doc: 'Of connectors without one of their own.' }),
  'value.converter': classProperty({ importance: 'HIGH', doc: 'Of connectors without one of their own.' }),
  'offset.flush.interval.ms': longProperty({
    importance: 'LOW',
    doc: 'How often sinks commit their offsets.',
    default: 5000,
    min: 1,
  }),
  'offset.storage.topic': stringProperty({
    importance: 'HIGH',
    doc: 'Where the offsets of sources are. Without it, the topic that belongs to the connector.',
    default: null,
  }),
  'exactly.once.source.support': oneOfProperty(
    ['enabled'],
    { importance: 'HIGH', doc: 'Built-in sources always write with transactions.', default: 'enabled' },
    true,
  ),
};
