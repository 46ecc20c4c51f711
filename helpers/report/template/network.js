// The report's page answers by itself: the weights of one network are in it, and the forward pass
// of dense layers and ReLU is here.

// Return the layers of the page's data: kernels [inputs * outputs] row by row, biases [outputs].
export function layersOf({ layers }) {
  const numbers = (text) => new Float32Array(bytes(text).buffer);
  return layers.map(({ kernel, bias, relu }) => (
    { kernel: numbers(kernel), bias: numbers(bias), relu }
  ));
}

// Return the logits of an image, 0 to 255 for each pixel.
export function forward(layers, image) {
  let values = Float32Array.from(image, (pixel) => pixel / 255);
  for (const { kernel, bias, relu } of layers) {
    const sums = Float64Array.from(bias);
    values.forEach((value, row) => {
      for (let column = 0; column < sums.length; column += 1) {
        sums[column] += value * kernel[row * sums.length + column];
      }
    });
    values = relu ? sums.map((sum) => Math.max(sum, 0)) : sums;
  }
  return [...values];
}

for (const root of document.querySelectorAll(".draw")) {
  const about = JSON.parse(root.querySelector("script").textContent);
  const layers = layersOf(about);
  const surface = build(root, about, (image) => (
    surface.show([{ name: about.network, logits: forward(layers, image) }])
  ));
}
