// Installs what `npm test` runs beside Millrace: Debian's kcat, and Apache Kafka's jars from Maven Central. Plain JS, so
// that it runs before anything is built. Each step is skipped when its result is there; what can't be had is named.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { version, toolsVersion } = JSON.parse(readFileSync(join(root, 'scripts/kafka-release.json'), 'utf8'));
const DEBIAN = [
  { command: 'kcat', package: 'kcat' },
  { command: 'nft', package: 'nftables' },
  { command: 'unzip', package: 'unzip' },
  { command: 'java', package: 'openjdk-17-jdk-headless' },
  { command: 'mvn', package: 'maven' },
];

installDebianPackages();
installJars('definitions', version, ['-DexcludeTransitive=true']);
installJars('tools', toolsVersion, []);

function has(command) {
  return spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0;
}

function installDebianPackages() {
  const missing = DEBIAN.filter((entry) => !has(entry.command)).map((entry) => entry.package);
  if (missing.length === 0) return;
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  console.log(`Installing for the tests: ${missing.join(', ')}`);
  const apt = (...words) => {
    const [command, ...rest] = [...asRoot, 'apt-get', '-qq', '-y', ...words];
    return (
      spawnSync(command, rest, {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      }).status === 0
    );
  };
  if (!has('apt-get') || !apt('update') || !apt('install', '--no-install-recommends', ...missing))
    console.log(
      `Not installed: ${missing.join(', ')}. The tests that need them are skipped, each with its reason.`,
    );
}

function installJars(kind, release, options) {
  const folder = join(root, `.test-tools/kafka-${kind}-${release}`);
  if (existsSync(join(folder, 'complete')) || !has('mvn')) return;
  console.log(`Fetching Apache Kafka ${release} (${kind}) for the tests`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    execFileSync(
      'mvn',
      [
        '-q',
        '-B',
        '-f',
        join(root, `scripts/test-tools/${kind}-pom.xml`),
        'dependency:copy-dependencies',
        `-DoutputDirectory=${folder}`,
        `-Dkafka.version=${release}`,
        ...options,
      ],
      { stdio: ['ignore', 'inherit', 'inherit'] },
    );
    if (readdirSync(folder).length === 0) throw new Error('Maven copied no jar');
    mkdirSync(join(folder, 'complete'));
  } catch (error) {
    console.log(
      `Apache Kafka ${release} could not be fetched (${error.message}); the tests that need it are skipped.`,
    );
  }
}
