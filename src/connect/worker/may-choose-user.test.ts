import { expect, test } from 'vitest';
import { mayChooseUser } from './may-choose-user.ts';

const ALL = '         0          0 4294967295\n';
const status = (capabilities: string) =>
  `Name:\tnode\nUid:\t0\t0\t0\t0\nCapEff:\t${capabilities}\nNoNewPrivs:\t0\n`;

test.each([
  ['root of a machine', status('000001ffffffffff'), ALL, true],
  ["root in Docker's own container", status('00000000a80425fb'), ALL, true],
  ['root in a container without capabilities', status('0000000000000000'), ALL, false],
  [
    'root of a namespace of one user',
    status('000001ffffffffff'),
    '         0       1000          1\n',
    false,
  ],
  ['root of a rootless container', status('000001ffffffffff'), '0 1000 1\n1 100000 65536\n', true],
  ['a kernel that says nothing', '', '', false],
])('%s', (_, text, users, may) => {
  expect(mayChooseUser({ status: text, users, groups: users }, 61_184)).toBe(may);
});
