// SPDX-License-Identifier: Apache-2.0
// A log folded into turns: from what the user said, or from the run's beginning, to the idle that ends it. An
// idle that waits for somebody (`requires_action`) does not end a turn; what comes behind the end belongs to
// the turn before it.

const STARTS = new Set([
  'user.message',
  'user.interrupt',
  'user.define_outcome',
  'user.tool_confirmation',
  'user.tool_result',
  'user.custom_tool_result',
  'system.message',
  'session.status_running',
]);

/** Takes the records in order and gives each its `turn`. */
export class Turns {
  all = [];
  #spent = null; // the last cost that was told

  add(record) {
    let turn = this.all.at(-1);
    if (turn === undefined || (turn.isOver && STARTS.has(record.type))) {
      turn = {
        first: record,
        last: record,
        title: '',
        count: 0,
        tools: 0,
        errors: 0,
        input: 0,
        output: 0,
        cost: NaN,
        currency: 'USD',
        state: 'running',
        stop: '',
        isOver: false,
        version: 0,
      };
      this.all.push(turn);
    }
    record.turn = turn;
    turn.last = record;
    turn.count += 1;
    turn.version += 1;
    this.#count(turn, record);
    this.#state(turn, record);
    return turn;
  }

  #count(turn, record) {
    if (record.type === 'user.message' && turn.title === '') turn.title = record.text;
    if (record.isUse && record.group === 'tool') turn.tools += 1;
    if (record.isError) turn.errors += 1;
    if (record.usage) {
      turn.input += record.usage.input + record.usage.cacheRead + record.usage.cacheWrite;
      turn.output += record.usage.output;
    }
    if (record.cost && Number.isFinite(record.cost.minor)) {
      const before = this.#spent?.currency === record.cost.currency ? this.#spent.minor : 0;
      turn.cost = (turn.cost || 0) + record.cost.minor - before;
      turn.currency = record.cost.currency;
      this.#spent = record.cost;
    }
  }

  #state(turn, record) {
    switch (record.type) {
      case 'session.status_running':
        turn.state = 'running';
        break;
      case 'session.status_rescheduled':
        turn.state = 'rescheduling';
        break;
      case 'session.status_terminated':
        turn.state = 'terminated';
        turn.end = record;
        turn.isOver = true;
        break;
      case 'session.status_idle':
        turn.stop = record.stop;
        turn.end = record;
        turn.isOver = record.stop !== 'requires_action';
        turn.state = turn.isOver ? 'idle' : 'waiting';
        break;
      default:
    }
  }
}

/** How long a turn took so far, in milliseconds. */
export function turnDuration(turn) {
  return (turn.end ?? turn.last).time - turn.first.time;
}
