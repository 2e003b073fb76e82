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
