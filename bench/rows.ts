/** One line of the report: a measured value, what is required of it and what is wished for. */
export interface Row {
  /** The name of the value, as measures give it. */
  value: string;
  label: string;
  unit: '' | 'x' | 'ms' | 's' | 'MB';
  better: 'more' | 'less';
  sqlite: Marks;
  postgres: Marks;
}

export interface Marks {
  required: number;
  goal?: number;
}

/** What the engine is held to, per store on the same machine. */
export const rows: readonly Row[] = [
  {
    value: 'single.ratio',
    label: 'publish over HTTP → 202 → delivered, 1 endpoint an event, against raw signed POSTs',
    unit: '',
    better: 'more',
    sqlite: { required: 0.3, goal: 0.4 },
    postgres: { required: 0.15, goal: 0.2 },
  },
  {
    value: 'ten.ratio',
    label: 'the same with 10 endpoints an event (deliveries)',
    unit: '',
    better: 'more',
    sqlite: { required: 0.6, goal: 0.75 },
    postgres: { required: 0.3, goal: 0.4 },
  },
  {
    value: 'batch.ratio',
    label: 'batch publish (100 a request), accepted and delivered, against single publish',
    unit: 'x',
    better: 'more',
    sqlite: { required: 1.5, goal: 1.8 },
    postgres: { required: 1.5, goal: 2 },
  },
  {
    value: 'idle.p50 ms',
    label: 'idle latency, publish sent → request at receiver, p50',
    unit: 'ms',
    better: 'less',
    sqlite: { required: 3 },
    postgres: { required: 6 },
  },
  {
    value: 'idle.p99 ms',
    label: 'the same, p99',
    unit: 'ms',
    better: 'less',
    sqlite: { required: 10 },
    postgres: { required: 20 },
  },
  {
    value: 'half.p99 ms',
    label: 'at half of the measured maximum, p99',
    unit: 'ms',
    better: 'less',
    sqlite: { required: 30 },
    postgres: { required: 60 },
  },
  {
    value: 'hanging.ratio',
    label: 'p99 of other endpoints while 50 receivers hang, against without them',
    unit: 'x',
    better: 'less',
    sqlite: { required: 1.5 },
    postgres: { required: 1.5 },
  },
  {
    value: 'backlog.ratio',
    label: 'throughput with 1,000,000 pending deliveries against 10,000',
    unit: '',
    better: 'more',
    sqlite: { required: 0.9 },
    postgres: { required: 0.9 },
  },
  {
    value: 'backlog.ready s',
    label: 'start to ready with 1,000,000 pending',
    unit: 's',
    better: 'less',
    sqlite: { required: 2 },
    postgres: { required: 2 },
  },
  {
    value: 'backlog.peak MB',
    label: 'memory (RSS) while draining 1,000,000',
    unit: 'MB',
    better: 'less',
    sqlite: { required: 250 },
    postgres: { required: 250 },
  },
  {
    value: 'spread.ratio',
    label: '10,000 endpoints with one delivery each, against one endpoint with 10,000',
    unit: '',
    better: 'more',
    sqlite: { required: 0.7 },
    postgres: { required: 0.7 },
  },
];

/** `yes`, or how near it came: the share of a mark that was reached, in percent. */
export function nearness(value: number, mark: number, better: Row['better']): string {
  const share = better === 'more' ? value / mark : mark / value;
  return share >= 1 ? 'yes' : `${Math.floor(share * 100)} %`;
}
