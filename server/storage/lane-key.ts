/** A lane, by its endpoint. */
export interface LaneKey {
  teamId: string;
  endpointId: string;
}

/** A lane's key as text, for maps and sets. */
export function laneKeyOf(teamId: string, endpointId: string): string {
  return `${teamId}\n${endpointId}`;
}
