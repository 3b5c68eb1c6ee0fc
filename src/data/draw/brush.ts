import type { Pose } from './face.js';
import type { Canvas, Point, Shade } from './raster.js';

/** Centre of the head in the frame, in pixels of a 48-pixel frame. */
const CENTER: Point = [24, 24.2];
/** Radii of the ellipsoid that gives the points of the face their depth, in face units. */
const DEPTH_RADII = { x: 18, y: 24, z: 15 } as const;

/**
 * Paints on a canvas in face units: pixels of an upright frontal face, origin between the eyes and the
 * mouth, x to the right, y down. Every point is put on an ellipsoid, turned by the pose and projected in
 * parallel.
 */
export class Brush {
  readonly canvas: Canvas;
  private readonly pose: Pose;

  constructor(canvas: Canvas, pose: Pose) {
    this.canvas = canvas;
    this.pose = pose;
  }

  /** Pixel position of a point of the face. */
  project([x, y]: Point): Point {
    const { yaw, pitch, roll, shift, zoom } = this.pose;
    const z = depthAt(x, y);
    const turnedX = x * Math.cos(yaw) + z * Math.sin(yaw);
    const turnedZ = z * Math.cos(yaw) - x * Math.sin(yaw);
    const turnedY = y * Math.cos(pitch) - turnedZ * Math.sin(pitch);
    return [
      CENTER[0] + shift[0] + zoom * (turnedX * Math.cos(roll) - turnedY * Math.sin(roll)),
      CENTER[1] + shift[1] + zoom * (turnedX * Math.sin(roll) + turnedY * Math.cos(roll)),
    ];
  }

  /** Paints a polygon; a shade that is a function gets pixel positions. */
  fill(polygon: readonly Point[], shade: Shade, opacity = 1): void {
    this.canvas.fill(
      polygon.map((point) => this.project(point)),
      shade,
      opacity,
    );
  }

  /** Paints a line that tapers at its ends: `radius` is the half width in its middle. */
  line(points: readonly Point[], radius: number, shade: Shade, opacity = 1): void {
    const last = points.length - 1;
    const taper = (i: number) => radius * (0.35 + 0.65 * Math.sin((Math.PI * i) / last));
    this.thickLine(
      points,
      points.map((_, i) => taper(i)),
      shade,
      opacity,
    );
  }

  /** Paints a line with a half width per point. */
  thickLine(points: readonly Point[], radii: readonly number[], shade: Shade, opacity = 1): void {
    this.canvas.stroke(
      points.map((point) => this.project(point)),
      radii,
      shade,
      opacity,
    );
  }

  /** Lightens (positive amount) or darkens softly around a point. */
  glow(center: Point, rx: number, ry: number, amount: number): void {
    this.canvas.glow(this.project(center), rx, ry, amount);
  }
}

/** Depth above the plane through the ears; beyond the ellipsoid it is 0. */
function depthAt(x: number, y: number): number {
  const inside = 1 - (x / DEPTH_RADII.x) ** 2 - (y / DEPTH_RADII.y) ** 2;
  return DEPTH_RADII.z * Math.sqrt(Math.max(0, inside));
}
