import { settingsText as text } from "./text.ts";

const SIDE_PX = 256;

/** The middle of a picture as a small square, as a `data:` address. @throws Error with a sentence where it is none */
export async function shrinkPicture(file: File): Promise<string> {
  const picture = await createImageBitmap(file).catch(() => {
    throw new Error(text.account.pictureUnreadable);
  });
  const side = Math.min(picture.width, picture.height);
  const canvas = document.createElement("canvas");
  canvas.width = SIDE_PX;
  canvas.height = SIDE_PX;
  const left = (picture.width - side) / 2;
  const top = (picture.height - side) / 2;
  canvas.getContext("2d")!.drawImage(picture, left, top, side, side, 0, 0, SIDE_PX, SIDE_PX);
  return canvas.toDataURL("image/png");
}
