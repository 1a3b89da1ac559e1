import type { Answer } from './receiver.ts';

/** Answers of a receiver that are held back until the gate opens. */
export interface Gate {
  /** How the receiver answers: held while the gate is shut, as `answer` does when it is open. */
  answer: Answer;
  /** Requests that wait for their answer. */
  held(): number;
  /** Lets everything through, what is held first. */
  open(): void;
}

/** A shut gate before an answer, so that a test decides when attempts end. */
export function shutGate(answer: Answer = (_, response) => response.writeHead(204).end()): Gate {
  const waiting: (() => void)[] = [];
  let isOpen = false;
  return {
    answer(request, response) {
      if (isOpen) answer(request, response);
      else waiting.push(() => answer(request, response));
    },
    held: () => waiting.length,
    open() {
      isOpen = true;
      for (const end of waiting.splice(0)) end();
    },
  };
}
