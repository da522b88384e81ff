/** Heights of the picture, in CSS pixels: the names beside the lanes are laid out by the style sheet after them. */
export const AXIS_HEIGHT = 28;
export const LANE_HEIGHT = 40;
/** The plot of recovery times below the lanes, with the space above it. */
export const PLOT_HEIGHT = 220;
export const PLOT_TOP = 44;

/** Where in a lane each kind of bar lies, from its top. */
export const TRACKS = {
  partition: { top: 3, height: 5 },
  state: { top: 11, height: 15 },
  marks: { top: 28, height: 10 },
} as const;

export function pictureHeight(laneCount: number): number {
  return AXIS_HEIGHT + laneCount * LANE_HEIGHT + PLOT_HEIGHT;
}
