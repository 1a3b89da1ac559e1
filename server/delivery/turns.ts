/** A lane, as far as taking turns goes. */
interface Turn {
  readonly teamId: string;
}

/**
 * Whose turn is next: first among teams, then among a team's lanes, round and round. A team with a thousand busy lanes
 * gets as many turns as a team with one.
 */
export class Turns<Lane extends Turn> {
  /** Teams that have waiting lanes, in the order of their turns. Both levels rely on the insertion order of Map and Set. */
  readonly #teams = new Map<string, Set<Lane>>();

  /** Puts a lane at the end of its team's queue, unless it is in it already. */
  add(lane: Lane): void {
    const lanes = this.#teams.get(lane.teamId);
    if (lanes === undefined) this.#teams.set(lane.teamId, new Set([lane]));
    else lanes.add(lane);
  }

  /** Takes the next lane out; its team goes to the end. */
  next(): Lane | undefined {
    for (const [teamId, lanes] of this.#teams) {
      this.#teams.delete(teamId);
      for (const lane of lanes) {
        lanes.delete(lane);
        if (lanes.size > 0) this.#teams.set(teamId, lanes);
        return lane;
      }
    }
    return undefined;
  }

  /** Forgets a lane. */
  remove(lane: Lane): void {
    const lanes = this.#teams.get(lane.teamId);
    if (lanes?.delete(lane) && lanes.size === 0) this.#teams.delete(lane.teamId);
  }
}
