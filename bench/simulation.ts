/** What an installation is calculated from. Times are in the unit that the name ends with. */
export interface Costs {
  cpuPerEventUs: number;
  cpuPerDeliveryUs: number;
  fsyncMs: number;
  diskPerEvent: number;
  databaseCpuPerEventUs: number;
  databaseCpuPerDeliveryUs: number;
  databaseCores: number;
  utilisation: number;
  diskBytesPerSecond: number;
  writeAmplification: number;
  deliveriesPerEvent: number;
  receiverMs: number;
  connectionsPerProcess: number;
  attemptsPerLane: number;
  itemsPerCommit: number;
  commitsUnderWay: number;
  prunedPerSecond: number;
  retentionDays: number;
}

/** What an installation needs at a rate. */
export interface Plan {
  /** Deliveries a second. */
  rate: number;
  setUp: 'one process, SQLite' | 'processes of `all`' | 'roles apart' | 'roles apart, distributed by team';
  /** Processes, a core each, that take requests; those of `all` count here. */
  api: number;
  workers: number;
  shards: number;
  /** What a shard is sized by. */
  shardLimit: 'CPU' | 'disk' | 'commits';
  connections: number;
  diskPerDay: number;
  diskKept: number;
  /** How retention goes: on PostgreSQL by day; on SQLite by rows, as long as that keeps up. */
  pruning: 'by rows' | 'by day' | 'needs PostgreSQL';
  /** Endpoints among which the load must be spread, since a lane has a cap of attempts. */
  leastEndpoints: number;
}

/** Up to so many processes, taking requests and delivering in one costs less than it saves to split them. */
const MOST_OF_ALL = 4;

/** Calculates what `rate` deliveries a second need. Every number grows with the rate. */
export function plan(rate: number, costs: Costs): Plan {
  const events = rate / costs.deliveriesPerEvent;
  const perProcess = costs.utilisation * 1e6;
  const apiCores = (events * costs.cpuPerEventUs) / perProcess;
  const workerCores = (rate * costs.cpuPerDeliveryUs) / perProcess;
  const together = Math.ceil(apiCores + workerCores);

  const shardsBy = {
    CPU:
      (events * costs.databaseCpuPerEventUs + rate * costs.databaseCpuPerDeliveryUs) /
      (costs.databaseCores * perProcess),
    disk: (events * costs.diskPerEvent * costs.writeAmplification) / (costs.diskBytesPerSecond * costs.utilisation),
    // Publishes and settlements are committed in groups, several at a time, each waiting for its flush.
    commits:
      (events + rate) / (((costs.itemsPerCommit * costs.commitsUnderWay * 1000) / costs.fsyncMs) * costs.utilisation),
  };
  const [shardLimit] = (Object.keys(shardsBy) as (keyof typeof shardsBy)[]).sort((a, b) => shardsBy[b] - shardsBy[a]);
  const shards = Math.max(1, Math.ceil(Math.max(...Object.values(shardsBy))));
  const isSplit = together > MOST_OF_ALL;
  const api = isSplit ? Math.ceil(apiCores) : together;
  const workers = isSplit ? Math.ceil(workerCores) : 0;
  const diskPerDay = events * costs.diskPerEvent * 86_400;
  return {
    rate,
    setUp: setUpOf(together, shards),
    api,
    workers,
    shards,
    shardLimit: shardLimit ?? 'CPU',
    connections: together === 1 ? 0 : (api + workers) * costs.connectionsPerProcess,
    diskPerDay,
    diskKept: diskPerDay * costs.retentionDays,
    pruning: together > 1 ? 'by day' : events + rate <= costs.prunedPerSecond ? 'by rows' : 'needs PostgreSQL',
    leastEndpoints: Math.ceil(rate / (costs.attemptsPerLane / (costs.receiverMs / 1000))),
  };
}

function setUpOf(processes: number, shards: number): Plan['setUp'] {
  if (processes === 1) return 'one process, SQLite';
  if (processes <= MOST_OF_ALL) return 'processes of `all`';
  return shards === 1 ? 'roles apart' : 'roles apart, distributed by team';
}

/** The plans as a Markdown table. */
export function asTable(plans: readonly Plan[]): string {
  const rows = [
    [
      'deliveries/s',
      'set-up',
      'api',
      'workers',
      'shards (by)',
      'connections',
      'disk/day',
      'kept',
      'pruned',
      'endpoints',
    ],
    Array.from({ length: 10 }, () => '---'),
    ...plans.map((one) => [
      count(one.rate),
      one.setUp,
      count(one.api),
      count(one.workers),
      `${one.shards} (${one.shardLimit})`,
      count(one.connections),
      bytes(one.diskPerDay),
      bytes(one.diskKept),
      one.pruning,
      `≥ ${count(one.leastEndpoints)}`,
    ]),
  ];
  return rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function bytes(value: number): string {
  return value >= 1e12 ? `${(value / 1e12).toFixed(1)} TB` : `${Math.round(value / 1e9).toLocaleString('en-US')} GB`;
}
