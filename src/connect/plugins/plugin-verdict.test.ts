import { expect, test } from 'vitest';
import type { ConnectClass } from '../state/plugin.ts';
import { verdictOf } from './plugin-verdict.ts';

const SINK: ConnectClass = { class: 'com.acme.Sink', type: 'sink', version: '1.0' };
const CONVERTER: ConnectClass = { class: 'com.acme.Converter', type: 'converter', version: '1.0' };
const found = (one: ConnectClass, version: string | null = null) => ({ ...one, version, named: true });
const failed = (one: ConnectClass) => ({ class: one.class, trace: `java.lang.Error: ${one.class}` });

test('a plugin whose only connector cannot be loaded has failed, whatever else can', () => {
  const verdict = verdictOf(
    { classes: [SINK, CONVERTER] },
    { found: [found(CONVERTER)], failed: [failed(SINK)] },
    '4.3.1',
  );
  expect(verdict).toEqual({
    state: 'CREATE_FAILED',
    stateInfo: {
      code: 'LOAD_FAILED',
      message: 'Kafka Connect 4.3.1 cannot load com.acme.Sink:\njava.lang.Error: com.acme.Sink',
    },
    classes: [SINK, CONVERTER],
  });
});

test('what else of it cannot be loaded is left out and told', () => {
  const verdict = verdictOf(
    { classes: [SINK, CONVERTER] },
    { found: [found(SINK, '1.0.3')], failed: [failed(CONVERTER)] },
    '4.3.1',
  );
  expect(verdict).toMatchObject({
    state: 'ACTIVE',
    stateInfo: {
      code: 'CLASSES_LEFT_OUT',
      message: expect.stringContaining('cannot load com.acme.Converter'),
    },
    classes: [{ ...SINK, version: '1.0.3' }],
  });
});

test('the version of the jar stands for a class that says none', () => {
  const { state, stateInfo, classes } = verdictOf(
    { classes: [CONVERTER] },
    { found: [found(CONVERTER)], failed: [] },
    '4.3.1',
  );
  expect({ state, stateInfo, classes }).toEqual({ state: 'ACTIVE', stateInfo: null, classes: [CONVERTER] });
});

test("classes of Kafka's own that a plugin brings along are not its own; a plugin of Kafka's is", () => {
  const converter: ConnectClass = {
    ...{ class: 'org.apache.kafka.connect.storage.StringConverter', type: 'converter', version: '4.3.1' },
  };
  const mirror: ConnectClass = {
    ...{ class: 'org.apache.kafka.connect.mirror.MirrorSourceConnector', type: 'source', version: '4.3.1' },
  };
  const { classes } = verdictOf(
    { classes: [SINK, mirror] },
    { found: [SINK, mirror, converter].map((one) => found(one, one.version)), failed: [] },
    '4.3.1',
  );
  expect(classes).toEqual([SINK, mirror]);
});
