/** Something that waits for its turn. */
interface Turn {
  readonly teamId: string;
}

/**
 * Whose turn is next: first among teams, then among what a team has waiting, round and round. A team with a thousand busy lanes
 * gets as many turns as a team with one.
 */
export class Turns<Waiting extends Turn> {
  /** Teams that have something waiting, in the order of their turns. Both levels rely on the insertion order of Map and Set. */
  readonly #teams = new Map<string, Set<Waiting>>();

  /** Puts one at the end of its team's queue, unless it is in it already. */
  add(one: Waiting): void {
    const ofTeam = this.#teams.get(one.teamId);
    if (ofTeam === undefined) this.#teams.set(one.teamId, new Set([one]));
    else ofTeam.add(one);
  }

  /** Takes the next one out; its team goes to the end. */
  next(): Waiting | undefined {
    for (const [teamId, ofTeam] of this.#teams) {
      this.#teams.delete(teamId);
      for (const one of ofTeam) {
        ofTeam.delete(one);
        if (ofTeam.size > 0) this.#teams.set(teamId, ofTeam);
        return one;
      }
    }
    return undefined;
  }

  /** Forgets one. */
  remove(one: Waiting): void {
    const ofTeam = this.#teams.get(one.teamId);
    if (ofTeam?.delete(one) && ofTeam.size === 0) this.#teams.delete(one.teamId);
  }
}
