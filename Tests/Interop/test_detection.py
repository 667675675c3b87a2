"""Detectors that move anchors, from a file of anchors to firmware; and what `compare --task boxes` calls
mean average precision is what COCO's own code computes."""

import contextlib
import io
import json
import struct
import subprocess
import unittest
import zlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from support import FOLDER, TOOL, tool

try:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval
except ImportError:
    COCO = None

WIDTH, HEIGHT, STEP, CLASSES = 64, 48, 8, 4
ROWS, COLUMNS = HEIGHT // STEP, WIDTH // STEP
IMAGES = 30
SIDES = [0.2, 0.35]


def network(random):
    """One convolution for moves, one for scores, each with as many anchors a place as SIDES."""
    def head(name, columns, scale):
        count = len(SIDES) * columns
        weights = random.normal(0, scale / STEP, (count, 3, STEP, STEP)).astype(np.float32)
        tensors = [numpy_helper.from_array(weights, name + "_w"),
                   numpy_helper.from_array(random.normal(0, 1, count).astype(np.float32), name + "_b"),
                   numpy_helper.from_array(np.array([1, -1, columns]), name + "_s")]
        nodes = [
            helper.make_node("Conv", ["image", name + "_w", name + "_b"], [name + "_c"],
                             kernel_shape=[STEP, STEP], strides=[STEP, STEP]),
            helper.make_node("Transpose", [name + "_c"], [name + "_t"], perm=[0, 2, 3, 1]),
            helper.make_node("Reshape", [name + "_t", name + "_s"], [name])]
        output = helper.make_tensor_value_info(
            name, TensorProto.FLOAT, [1, ROWS * COLUMNS * len(SIDES), columns])
        return nodes, tensors, output

    heads = [head("moves", 4, 1.0), head("scores", CLASSES, 2.0)]
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, HEIGHT, WIDTH])
    graph = helper.make_graph(
        heads[0][0] + heads[1][0], "detector", [image], [heads[0][2], heads[1][2]],
        heads[0][1] + heads[1][1])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, {"preprocessing.mean": "0.5,0.5,0.5", "preprocessing.std": "0.25,0.25,0.25"})
    return model


def anchors():
    return [[(column + 0.5) / COLUMNS, (row + 0.5) / ROWS, side, side]
            for row in range(ROWS) for column in range(COLUMNS) for side in SIDES]


def png(pixels):
    """An 8-bit RGB file."""
    def chunk(name, content):
        body = name + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows))
            + chunk(b"IEND", b""))


def found(folder, model, index):
    """What the tool sees in an image, as COCO's results have it."""
    text = tool("run", model, "--input", f"data/{index}.png", "--task", "boxes", "--anchors",
                "anchors.json", "--threshold", "0.001", "--json", folder=folder)
    return [{"image_id": index, "category_id": box["class"], "score": box["score"],
             "bbox": [box["x"] - box["width"] / 2, box["y"] - box["height"] / 2, box["width"],
                      box["height"]]}
            for box in json.loads(text)["rows"][0]["objects"]]


def labels(random, boxes):
    """Boxes that are near what the network sees, and others: some crowds, some without area."""
    annotations = []
    for index in range(IMAGES):
        own = [box for box in boxes if box["image_id"] == index][:12]
        for box in own + own[:2]:
            shaken = np.array(box["bbox"]) + random.normal(0, 1.5, 4)
            annotations.append((index, box["category_id"], shaken.clip([-9, -9, 0, 0]), 0))
        annotations.append((index, 1, np.array([5.0, 5.0, 40.0, 30.0]), 1))
        annotations.append((index, 2, np.array([60.0, 40.0, 0.0, 0.0]), 0))
    return {
        "images": [{"id": index, "file_name": f"{index}.png", "width": WIDTH, "height": HEIGHT}
                   for index in range(IMAGES)],
        "categories": [{"id": c, "name": f"kind {c}"} for c in range(1, CLASSES)],
        "annotations": [
            {"id": number + 1, "image_id": index, "category_id": category, "bbox": list(map(float, box)),
             "area": float(box[2] * box[3]), "iscrowd": crowd}
            for number, (index, category, box, crowd) in enumerate(annotations)]}


# By picture: class (1 red, 2 green), column and row of a cell. No two of a color touch.
SQUARES = [[(1, 0, 0), (2, 5, 2)], [(1, 3, 1), (1, 6, 4)], [(2, 1, 3), (1, 4, 3)], [],
           [(2, 7, 5), (2, 0, 5), (1, 4, 0)]]


def square_detector():
    """Cells of 8 x 8 pixels with an anchor each, which hardly moves, and how red and green they are."""
    def head(name, weights, bias):
        columns = len(bias)
        tensors = [
            numpy_helper.from_array(np.array(weights, np.float32).reshape(columns, 3, 1, 1), name + "_w"),
            numpy_helper.from_array(np.array(bias, np.float32), name + "_b"),
            numpy_helper.from_array(np.array([1, -1, columns]), name + "_s")]
        nodes = [helper.make_node("Conv", ["cells", name + "_w", name + "_b"], [name + "_c"]),
                 helper.make_node("Transpose", [name + "_c"], [name + "_t"], perm=[0, 2, 3, 1]),
                 helper.make_node("Reshape", [name + "_t", name + "_s"], [name])]
        return nodes, tensors, helper.make_tensor_value_info(
            name, TensorProto.FLOAT, [1, ROWS * COLUMNS, columns])

    heads = [head("moves", [0.01] * 12, [0] * 4),
             head("scores", [-12, -12, 0, 12, -12, 0, -12, 12, 0], [6, -6, -6])]
    pool = helper.make_node(
        "AveragePool", ["image"], ["cells"], kernel_shape=[STEP, STEP], strides=[STEP, STEP])
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, HEIGHT, WIDTH])
    graph = helper.make_graph([pool] + heads[0][0] + heads[1][0], "squares", [image],
                              [heads[0][2], heads[1][2]], heads[0][1] + heads[1][1])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, {
        "preprocessing.mean": "0,0,0", "preprocessing.std": "1,1,1", "labels": "background\nred\ngreen"})
    return model


class Squares(unittest.TestCase):
    """A detector of known weights finds all squares, and labels that are wrong cost as counted."""

    def setUp(self):
        self.folder = FOLDER / "squares"
        if self.folder.exists():
            return
        (self.folder / "data").mkdir(parents=True)
        onnx.save(square_detector(), self.folder / "squares.onnx")
        cells = [[(column + 0.5) / COLUMNS, (row + 0.5) / ROWS, 1 / COLUMNS, 1 / ROWS]
                 for row in range(ROWS) for column in range(COLUMNS)]
        (self.folder / "anchors.json").write_text(json.dumps({"anchors": cells}))
        for index, squares in enumerate(SQUARES):
            pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
            for label, column, row in squares:
                pixels[8 * row:8 * row + 8, 8 * column:8 * column + 8, label - 1] = 255
            (self.folder / f"data/{index}.png").write_bytes(png(pixels))
        tool("calibrate", "--model", "squares.onnx", "--data", "data", "--task", "boxes", "--anchors",
             "anchors.json", folder=self.folder)
        tool("quantize", "--out", "squares.mnq", folder=self.folder)

    def compare(self, left_out, *options):
        annotations = [
            {"image_id": index, "category_id": label, "bbox": [8 * column, 8 * row, 8, 8]}
            for index, squares in enumerate(SQUARES) for label, column, row in squares]
        (self.folder / "labels.json").write_text(json.dumps({
            "images": [{"id": i, "file_name": f"{i}.png"} for i in range(len(SQUARES))],
            "categories": [{"id": 1, "name": "red"}, {"id": 2, "name": "green"}],
            "annotations": annotations[left_out:]}))
        return tool("compare", "--data", "data", "--labels", "labels.json", "--threshold", "0.5",
                    *options, folder=self.folder)

    def test_all_are_found(self):
        self.assertEqual(self.compare(0).splitlines(), [
            "images: 5", "float mAP@0.5: 100.00%, mAP@[.5:.95]: 100.00%",
            "int8 mAP@0.5: 100.00%, mAP@[.5:.95]: 100.00% (+0.00 points)"])

    def test_wrong_labels_cost(self):
        # Of five red boxes, equally sure, the first is wrong: precision is 4/5 at best.
        report = json.loads(self.compare(1, "--json"))
        for name in ["float", "int8"]:
            self.assertAlmostEqual(report[name]["map"], (4 / 5 + 1) / 2, places=12)
            self.assertAlmostEqual(report[name]["map50"], (4 / 5 + 1) / 2, places=12)

    def test_labels_move_with_pictures(self):
        # Twice as large, with a border whose square is cut off, and is no object then.
        folder = self.folder / "large"
        folder.mkdir()
        annotations = []
        for index, squares in enumerate(SQUARES):
            pixels = np.zeros((2 * HEIGHT, 2 * WIDTH + 32, 3), np.uint8)
            pixels[:16, :8, 0] = 255
            annotations.append({"image_id": index, "category_id": 1, "bbox": [0, 0, 8, 16]})
            for label, column, row in squares:
                x, y = 16 + 16 * column, 16 * row
                pixels[y:y + 16, x:x + 16, label - 1] = 255
                annotations.append(
                    {"image_id": index, "category_id": label, "bbox": [x, y, 16, 16]})
            (folder / f"{index}.png").write_bytes(png(pixels))
        (folder / "annotations.json").write_text(json.dumps({
            "images": [{"id": i, "file_name": f"{i}.png"} for i in range(len(SQUARES))],
            "categories": [{"id": 1, "name": "red"}, {"id": 2, "name": "green"}],
            "annotations": annotations}))
        report = json.loads(
            tool("compare", "--data", "large", "--resize", "48", "--crop", "48,64", "--threshold", "0.5",
                 "--json", folder=self.folder))
        self.assertEqual([report["float"]["map"], report["int8"]["map"]], [1, 1])

    def test_run_prints_boxes(self):
        for model in [["squares.onnx"], ["squares.mnq"], ["squares.mnq", "--engine", "c"]]:
            text = tool("run", *model, "--input", "data/0.png", "--task", "boxes", "--anchors",
                        "anchors.json", folder=self.folder)
            self.assertEqual(set(text.splitlines()), {
                "0: red 1.00 at x=4 y=4 w=8 h=8", "0: green 1.00 at x=44 y=20 w=8 h=8"})

    def test_firmware_finds_them(self):
        tool("emit-c", "--out", "firmware", folder=self.folder)
        firmware = self.folder / "firmware"
        self.assertIn("net_boxes(const void *arena, mnq_box *boxes", (firmware / "include/net.h").read_text())
        for goal in ["host-run", "run"]:
            run = subprocess.run(["make", goal], cwd=firmware, capture_output=True, text=True)
            self.assertIn("self-test: 5/5 exact", run.stdout, run.stderr)

    def test_bad_anchors_are_sentences(self):
        for text, words in [
                ("[", "it is no JSON"), ("{}", "expected one of 'anchors', 'torchvision' and 'tensorflow'"),
                ('{"anchors": []}', "makes 0 anchors"), ('{"anchors": [[1, 2, 3]]}', "anchor 0 is [1.0, 2.0, 3.0]"),
                ('{"anchors": [[20, 20, 8, 8]]}', "in sides of the picture"),
                ('{"anchors": [[0, 0, 1, 1]]}', "reads two outputs, for the 1"),
                ('{"anchors": [[0, 0, 1, 1]], "order": "abcd"}', "order"),
                ('{"anchors": [[0, 0, 1, 1]], "variances": [0, 1]}', "variances are"),
                ('{"torchvision": {"maps": [[0, 1]]}}', "a map is [0, 1]"),
                ('{"torchvision": {"maps": [[1, 1]], "aspect_ratios": []}}', "there are 1 maps"),
                ('{"tensorflow": {"maps": [[1000, 1000], [1000, 1000]]}}', "anchors; expected 1 to")]:
            (self.folder / "bad.json").write_text(text)
            run = subprocess.run(
                [TOOL, "run", "squares.onnx", "--input", "data/0.png", "--task", "boxes", "--anchors",
                 "bad.json"], cwd=self.folder, capture_output=True, text=True)
            with self.subTest(text):
                self.assertEqual(run.returncode, 1, run.stderr)
                self.assertIn(words, run.stderr)
                self.assertEqual(run.stderr.count("Error"), 1)


@unittest.skipUnless(COCO, "pycocotools is not installed: see requirements.txt")
class MeanAveragePrecision(unittest.TestCase):
    def test_is_cocos(self):
        folder = FOLDER / "detection"
        (folder / "data").mkdir(parents=True)
        random = np.random.default_rng(7)
        onnx.save(network(random), folder / "detector.onnx")
        (folder / "anchors.json").write_text(json.dumps({"anchors": anchors()}))
        for index in range(IMAGES):
            pixels = random.integers(0, 256, (HEIGHT, WIDTH, 3)).astype(np.uint8)
            (folder / f"data/{index}.png").write_bytes(png(pixels))
        tool("calibrate", "--model", "detector.onnx", "--data", "data", "--task", "boxes", "--anchors",
             "anchors.json", folder=folder)
        tool("quantize", "--out", "detector.mnq", folder=folder)
        boxes = {name: [box for index in range(IMAGES) for box in found(folder, file, index)]
                 for name, file in [("float", "detector.onnx"), ("int8", "detector.mnq")]}
        content = labels(random, boxes["float"])
        (folder / "labels.json").write_text(json.dumps(content))
        report = json.loads(
            tool("compare", "--data", "data", "--labels", "labels.json", "--json", folder=folder))
        self.assertEqual(report["images"], IMAGES)
        with contextlib.redirect_stdout(io.StringIO()):
            truth = COCO(folder / "labels.json")
            for name, results in boxes.items():
                evaluation = COCOeval(truth, truth.loadRes(results), "bbox")
                evaluation.evaluate()
                evaluation.accumulate()
                evaluation.summarize()
                with self.subTest(name):
                    self.assertGreater(evaluation.stats[0], 0.05)
                    self.assertAlmostEqual(report[name]["map"], evaluation.stats[0], places=9)
                    self.assertAlmostEqual(report[name]["map50"], evaluation.stats[1], places=9)


if __name__ == "__main__":
    unittest.main()
