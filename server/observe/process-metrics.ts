import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, type Registry } from 'prom-client';

/** The event loop is looked at this often; what it is late by is its delay. */
const RESOLUTION_MS = 10;

/**
 * The process itself: its event loop's delay since the last scrape, memory, CPU. prom-client's own collection of these
 * watches garbage collection too, and cannot be ended.
 */
export function processMetrics(registers: Registry[]): { collect(): void; stop(): void } {
  const gauge = (name: string, help: string): Gauge => new Gauge({ name: `hookloom_${name}`, help, registers });
  const mean = gauge('event_loop_delay_mean_seconds', 'How late the event loop was since the last scrape, on average.');
  const p99 = gauge('event_loop_delay_p99_seconds', 'How late it was since the last scrape, 99th percentile.');
  const max = gauge('event_loop_delay_max_seconds', 'How late it was since the last scrape, at worst.');
  const resident = gauge('process_resident_memory_bytes', 'Resident memory of the process.');
  const heap = gauge('process_heap_used_bytes', 'Memory of JavaScript objects on the main thread.');
  const started = gauge('process_start_time_seconds', 'When the process started.');
  const cpu = new Counter({
    name: 'hookloom_process_cpu_seconds_total',
    help: 'CPU time of the process, all threads, user and system.',
    registers,
  });
  started.set((Date.now() - process.uptime() * 1000) / 1000);
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  // What is measured is the time between two looks.
  const late = (nanoseconds: number): number => Math.max(nanoseconds / 1e9 - RESOLUTION_MS / 1000, 0);

  return {
    collect() {
      // Without a look since the last scrape there is no mean.
      mean.set(delay.count === 0 ? 0 : late(delay.mean));
      p99.set(late(delay.percentile(99)));
      max.set(late(delay.max));
      delay.reset();
      const { rss, heapUsed } = process.memoryUsage();
      resident.set(rss);
      heap.set(heapUsed);
      const { user, system } = process.cpuUsage();
      cpu.reset();
      cpu.inc((user + system) / 1e6);
    },
    stop: () => delay.disable(),
  };
}
