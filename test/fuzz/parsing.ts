import { type Random, Sfc32 } from '../../src/base/random.ts';
import type { AnyApi } from '../../src/protocol/api.ts';
import { apis } from '../../src/protocol/apis.ts';
import { decodeRequestHeader } from '../../src/protocol/headers.ts';
import { ProtocolError, Reader } from '../../src/protocol/reader.ts';
import { at, HEADER_BYTES, readBatchHeader } from '../../src/protocol/records/batch.ts';
import { crc32c } from '../../src/protocol/records/crc32c.ts';
import { readRecords } from '../../src/protocol/records/record.ts';
import { RecordError } from '../../src/protocol/records/record-error.ts';
import { requestFrame, sampleRequest } from '../../src/protocol/testing/sample-requests.ts';
import { UnencodableError, Writer } from '../../src/protocol/writer.ts';
import { checkAppend } from '../../src/storage/append-check.ts';
import { compactBatch } from '../../src/storage/compacted-batch.ts';
import { defaultLogConfig } from '../../src/storage/log-config.ts';
import { storedBatch } from '../../src/storage/stored-batch.ts';
import { alterBytes, alteredBatch, alterMessage } from './alterations.ts';
import type { FuzzOutcome } from './fuzz.ts';
import { endsAfter } from './run-length.ts';
import { pick } from './sign-in-frames.ts';

const PLACE = { topic: 'orders', topicId: 'AAAAAAAAAAAAAAAAAAAAAA', memberId: 'one' };
/** Alterations of one frame. */
const OF_EACH = 50;
/** The most processor time for some hundred bytes. */
const TURN_MS = 2000;
const COMPACTED = { ...defaultLogConfig, cleanupPolicy: ['compact'] as const };
const RECOMPRESSED = { ...defaultLogConfig, compressionType: 'lz4' as const };

/**
 * What is done with bytes before any decision, without sockets: requests of every API and version are decoded
 * and encoded again; batches are checked, decompressed, recompressed and compacted. Each must give a value,
 * or an error of its own kind. The same seed does the same.
 */
export async function fuzzParsing(seed: number, durationMs: number): Promise<FuzzOutcome> {
  const random = new Sfc32(seed);
  const failures: string[] = [];
  const all = Object.values<AnyApi>(apis);
  const isOver = endsAfter(durationMs);
  let count = 0;
  while (!isOver(count) && failures.length === 0) {
    const api = pick(all, random);
    const [first, last] = api.versions;
    const version = first + (random.uint32() % (last - first + 1));
    const frame = sampleFrame(api, version, random);
    const batch = alteredBatch(random);
    for (let i = 0; i < OF_EACH && failures.length === 0; i++) {
      const bytes = frame && alterBytes(frame, random);
      const altered = random.uint32() % 2 === 0 ? alterBytes(batch, random, 0) : sealed(batch, random);
      const began = process.cpuUsage();
      if (bytes) tried(failures, `${api.name} v${version}`, bytes, () => decodeAgain(api, version, bytes));
      count++;
      // Decompression and compression take ten times as long as all the rest.
      if (i % 5 === 0) {
        tried(failures, 'a batch', altered, () => judge(altered));
        count++;
      }
      const tookMs = process.cpuUsage(began).user / 1000;
      if (tookMs > TURN_MS)
        failures.push(
          `${api.name} v${version} ${bytes?.toString('hex')}, or the batch ${altered.toString('hex')}, took ${tookMs} ms`,
        );
    }
    await new Promise((done) => setImmediate(done));
  }
  return { requests: count, failures };
}

function sampleFrame(api: AnyApi, version: number, random: Random): Buffer | null {
  const message = sampleRequest(api, version, PLACE);
  alterMessage(api, version, message, random);
  try {
    return requestFrame(api, version, message, 1);
  } catch (error) {
    if (error instanceof UnencodableError) return null;
    throw error;
  }
}

/** A batch with a wrong body and the right checksum, as an attacker makes it. */
function sealed(batch: Buffer, random: Random): Buffer {
  const altered = alterBytes(batch, random, HEADER_BYTES);
  if (altered.length < HEADER_BYTES) return altered;
  const bytes = Buffer.from(altered);
  bytes.writeInt32BE(bytes.length - 12, at.batchLength);
  if (random.uint32() % 4 === 0) bytes.writeInt32BE(random.uint32() % 5, at.recordCount);
  bytes.writeUInt32BE(crc32c(bytes, at.attributes), at.crc);
  return bytes;
}

function decodeAgain(api: AnyApi, version: number, frame: Buffer): void {
  const reader = new Reader(frame);
  decodeRequestHeader(reader);
  const message: unknown = api.request(version).decode(reader);
  api.request(version).encode(new Writer(), message);
}

function judge(batch: Buffer): void {
  for (const config of [defaultLogConfig, COMPACTED, RECOMPRESSED]) {
    const bytes = Buffer.from(batch);
    const problem = checkAppend(bytes, config, 1_764_326_400_000);
    if (problem) continue;
    storedBatch(bytes, config);
    if (config === COMPACTED) compactAll(bytes);
    readRecords(bytes);
  }
}

/** Removes every other record. */
function compactAll(batch: Buffer): void {
  const options = { keepsEmpty: false, expires: false, deleteHorizonMs: 5 };
  compactBatch(batch, readBatchHeader(batch, 0), { ...options, retains: ({ offset }) => offset % 2 === 0 });
}

/** Wrong bytes may only throw errors of these kinds. */
function tried(failures: string[], what: string, bytes: Buffer, run: () => void): void {
  try {
    run();
  } catch (error) {
    if (error instanceof ProtocolError || error instanceof RecordError) return;
    const stack = error instanceof Error ? error.stack : String(error);
    failures.push(`${what} ${bytes.toString('hex').slice(0, 4000)}: ${stack}`);
  }
}
