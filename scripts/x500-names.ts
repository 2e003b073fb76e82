// Prints how Java writes 200 distinguished names:
// node scripts/x500-names.ts > src/security/certificates/x500-names.vector.json
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { below, Sfc32 } from '../src/base/random.ts';
import { der, objectIdentifier, sequence, tags } from '../src/security/certificates/der.ts';

const NAMES = 200;
const TYPES = [
  ...['2.5.4.3', '2.5.4.6', '2.5.4.7', '2.5.4.8', '2.5.4.9', '2.5.4.10', '2.5.4.11'],
  ...['0.9.2342.19200300.100.1.25', '0.9.2342.19200300.100.1.1'],
  // E-mail address, serial number, given name, title, a private identifier, and the largest first arcs.
  ...['1.2.840.113549.1.9.1', '2.5.4.5', '2.5.4.42', '2.5.4.12', '1.3.6.1.4.1.99999.1.300', '2.999.1'],
];
const PIECES = [
  ...[
    'alice',
    'Bob',
    'Ünal',
    '東京',
    '😀',
    '0',
    'a.b',
    ' ',
    '  ',
    ',',
    '+',
    '"',
    '\\',
    '<',
    '>',
    ';',
    '=',
    '#',
  ],
  ...['\0', '\r', '\n', '\t', '/', "'", '(', ')', ':', '?', '*', '@', '_', '&', '-', '\u00a0', '\u0301'],
];
const UTF8 = 0x0c;
const ENCODINGS: readonly (readonly [number, BufferEncoding])[] = [
  [UTF8, 'utf8'],
  [0x13, 'latin1'],
  [0x14, 'latin1'],
  [0x16, 'latin1'],
  [0x1b, 'latin1'],
];

const random = new Sfc32(8);
const pick = <T>(list: readonly T[], fallback: T): T => list[below(random, list.length)] ?? fallback;

function text(): string {
  return Array.from({ length: 1 + below(random, 5) }, () => pick(PIECES, '')).join('');
}

function attribute(): Buffer {
  const type = objectIdentifier(pick(TYPES, '2.5.4.3'));
  // Most names in use are UTF-8.
  const [tag, encoding] = below(random, 3) > 0 ? ([UTF8, 'utf8'] as const) : pick(ENCODINGS, [UTF8, 'utf8']);
  const ascii = (value: string) => value.replace(/[^ -~]/g, 'x');
  const value = text();
  return sequence(type, der(tag, Buffer.from(encoding === 'utf8' ? value : ascii(value), encoding)));
}

function bigEndian(value: string): Buffer {
  return Buffer.from(value, 'utf16le').swap16();
}

const names = Array.from({ length: NAMES }, (_, i) => {
  // One in twenty is a BMPString, whose bytes Java reads as UTF-8.
  if (i % 20 === 7)
    return sequence(der(tags.set, sequence(objectIdentifier('2.5.4.3'), der(0x1e, bigEndian(`n${i}, é`)))));
  const parts = Array.from({ length: below(random, 5) }, () =>
    der(tags.set, ...Array.from({ length: below(random, 5) === 0 ? 2 : 1 }, attribute)),
  );
  return sequence(...parts);
});

const PROGRAM = `
import java.util.HexFormat;
import java.nio.charset.StandardCharsets;
import javax.security.auth.x500.X500Principal;
public class Names {
  public static void main(String[] args) throws Exception {
    for (String hex : new String(System.in.readAllBytes(), StandardCharsets.UTF_8).split("\\n")) {
      String name = new X500Principal(HexFormat.of().parseHex(hex)).getName();
      System.out.println(HexFormat.of().formatHex(name.getBytes(StandardCharsets.UTF_8)));
    }
  }
}`;
const folder = mkdtempSync(join(tmpdir(), 'millrace-names-'));
try {
  const file = join(folder, 'Names.java');
  writeFileSync(file, PROGRAM);
  const input = names.map((name) => name.toString('hex')).join('\n');
  const java = spawnSync('java', [file], { input, encoding: 'utf8' });
  if (java.status !== 0) throw new Error(java.stderr);
  const answers = java.stdout.trimEnd().split('\n');
  const rows = names.map((name, i) => [
    name.toString('hex'),
    Buffer.from(answers[i] ?? '', 'hex').toString('utf8'),
  ]);
  process.stdout.write(`[\n${rows.map((row) => `  ${JSON.stringify(row)}`).join(',\n')}\n]\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
