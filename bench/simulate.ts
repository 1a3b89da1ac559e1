/** `npm run simulate`: what installations of several sizes need, calculated from the costs below. No load is made. */
import { asTable, type Costs, plan } from './simulation.ts';

/** Measured, as docs/performance.md has it: put your own machine's numbers here (`npm run bench`). */
const MEASURED = {
  /** CPU of the server per published event: request, check, commit. Microseconds. */
  cpuPerEventUs: 200,
  /** CPU of the server per delivery: sign, POST, settle. Microseconds. */
  cpuPerDeliveryUs: 100,
  /** One flush of the database's log. Milliseconds. */
  fsyncMs: 0.25,
  /** Disk per event of 2.5 KB with a delivery and an attempt. Bytes. */
  diskPerEvent: 3500,
};

/** Assumed: nobody has measured these here. */
const ASSUMED = {
  /** CPU of PostgreSQL per event and per delivery: the rows, their indexes, the log. Microseconds. */
  databaseCpuPerEventUs: 150,
  databaseCpuPerDeliveryUs: 100,
  /** Cores of a database node. */
  databaseCores: 16,
  /** How much of a core may be in use, so that latencies stay low and a lost node can be borne. */
  utilisation: 0.6,
  /** What a disk takes of log and pages, and how many times a byte is written (log, page, vacuum). */
  diskBytesPerSecond: 500e6,
  writeAmplification: 4,
  /** How many deliveries an event has. */
  deliveriesPerEvent: 1,
  /** How long a receiver takes. Milliseconds. */
  receiverMs: 100,
};

/** What the code is built with: the pool, the lane's cap, the largest group of a commit, the pace of retention. */
const BUILT_IN = {
  connectionsPerProcess: 13,
  attemptsPerLane: 10,
  itemsPerCommit: 256,
  commitsUnderWay: 2,
  prunedPerSecond: 3000,
  retentionDays: 30,
};

const costs: Costs = { ...MEASURED, ...ASSUMED, ...BUILT_IN };
console.log(asTable([1e3, 1e4, 1e5, 1e6].map((rate) => plan(rate, costs))));
