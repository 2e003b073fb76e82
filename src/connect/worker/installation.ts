import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { programIn } from './program-in.ts';
import { LINKED_LIBS } from './worker-files.ts';

/** Apache Kafka 4 needs 17; older releases of Connect are content with 11, and run on 17 as well. */
const OLDEST_JAVA = 17;
/** Java says its version in a fraction of a second, on a machine that is not overwhelmed. */
const JAVA_MS = 20_000;
/** The jar by which the release is known. */
const RUNTIME = /^connect-runtime-(\d+\.\d+\.\d+)\.jar$/;
const LIBS = 'libs';
/** Without it a worker's REST interface would ask nobody for a password. */
const AUTHENTICATION = /^connect-basic-auth-extension-/;

/** A Java that is new enough. */
export interface Java {
  /** The program. */
  readonly java: string;
  readonly javaRelease: number;
}

/** Kafka Connect and the Java that runs it. */
export interface Installation extends Java {
  /** The folder with its jars. */
  readonly libs: string;
  /** For `-cp`. */
  readonly classPath: string;
  /** Of Kafka Connect: `4.3.1`. */
  readonly version: string;
  /**
   * It lies in the data folder, into which others cannot pass: its jars are linked into the folder that a
   * process starts in, where the class path finds them.
   */
  readonly isLinked: boolean;
}

/** Why there is none: one sentence that says what to install. */
export interface NoInstallation {
  readonly missing: string;
  /** The Java that will run it, where it is still tried to fetch it. */
  readonly comesFor?: Java;
}

/**
 * Finds Kafka Connect in a folder of Apache Kafka (the one that has `libs`, or its jars) and Java by
 * JAVA_HOME, or by PATH where that is not set.
 * `home`: that folder; undefined where nobody named one.
 */
export async function findInstallation(
  home: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Installation | NoInstallation> {
  const java = await findJava(environment);
  if ('missing' in java) return java;
  if (home === undefined)
    return {
      missing:
        'Connectors run in Kafka Connect, which is not installed: name the folder of a release of Apache Kafka with --kafka-home or KAFKA_HOME, or have one fetched with --kafka-archive or --kafka-from-maven.',
    };
  return connectIn(existsSync(join(home, LIBS)) ? join(home, LIBS) : home, home, java, false);
}

/** Kafka Connect in a folder of jars. `called`: what people know the folder as. */
export function connectIn(
  libs: string,
  called: string,
  java: Java,
  isLinked: boolean,
): Installation | NoInstallation {
  const jars = existsSync(libs) ? readdirSync(libs).sort() : [];
  const version = jars.map((name) => RUNTIME.exec(name)?.[1]).find((found) => found !== undefined);
  if (version === undefined)
    return {
      missing: `There is no Kafka Connect in ${called}: it must be a release of Apache Kafka, which has connect-runtime among its libs.`,
    };
  if (!jars.some((name) => AUTHENTICATION.test(name)))
    return {
      missing: `Kafka Connect in ${called} lacks connect-basic-auth-extension-${version}.jar, by which its workers are closed to others: add it, or use a whole release of Apache Kafka.`,
    };
  // An archive of classes is of jars in one order, which a folder of links need not have.
  const classPath = isLinked ? jars.map((name) => `${LINKED_LIBS}/${name}`).join(delimiter) : join(libs, '*');
  return { ...java, ...{ version, libs, classPath, isLinked } };
}

/** The Java that runs connectors. `environment`: with JAVA_HOME or PATH. */
export async function findJava(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Java | NoInstallation> {
  const named = environment.JAVA_HOME;
  const java = programIn(named ? join(named, 'bin') : environment.PATH, 'java');
  // Another Java of PATH would run connectors without anybody having chosen it. Apache Kafka's own scripts
  // fail, too.
  if (java === null && named)
    return {
      missing: `JAVA_HOME names ${named}, which has no bin/java: name the folder of a Java, or unset JAVA_HOME for the one in PATH.`,
    };
  if (java === null)
    return {
      missing: `Connectors run in Kafka Connect, which needs Java ${OLDEST_JAVA} or newer: install it, or name its folder with JAVA_HOME.`,
    };
  const said = await versionText(java);
  const javaRelease = Number(/version "(?:1\.)?(\d+)/.exec(said)?.[1]);
  if (!(javaRelease >= OLDEST_JAVA))
    return {
      missing: `Kafka Connect needs Java ${OLDEST_JAVA} or newer, and ${java} says "${said.split('\n', 1)[0]}": install it, or name its folder with JAVA_HOME.`,
    };
  return { java, javaRelease };
}

/** What the program says of itself, or why it says nothing. */
async function versionText(java: string): Promise<string> {
  try {
    return (await promisify(execFile)(java, ['-version'], { timeout: JAVA_MS })).stderr;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return error.message;
  }
}

/** What workers must be able to read where it is. */
export function filesOf({ java, libs, isLinked }: Installation): string[] {
  return isLinked ? [java] : [java, libs];
}
