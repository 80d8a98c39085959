"""Real files of every type that may be uploaded, each made by a library of its kind."""

import functools
import io
import struct
import wave
import zipfile
import zlib
from collections.abc import Callable

import av
import docx
import openpyxl
import pptx
import py7zr
import xlwt
from PIL import Image


def _image(kind: str, size: tuple[int, int] = (64, 48), **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 60)).save(out, kind, **options)
    return out.getvalue()


def _saved(document: object) -> bytes:
    out = io.BytesIO()
    document.save(out)  # type: ignore[attr-defined]
    return out.getvalue()


def _docx() -> bytes:
    document = docx.Document()
    document.add_paragraph("El plan de mañana")
    return _saved(document)


def _xlsx() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["año", 2025])
    return _saved(book)


def _pptx() -> bytes:
    show = pptx.Presentation()
    show.slides.add_slide(show.slide_layouts[0]).shapes.title.text = "Inicio"
    return _saved(show)


def _xls() -> bytes:
    book = xlwt.Workbook()
    book.add_sheet("hoja").write(0, 0, "número")
    return _saved(book)


def _ole(stream: str) -> bytes:
    """A compound file with a stream of another name: what a Word or PowerPoint file of old is to a reader of its
    directory."""
    old, new = "Workbook".encode("utf-16-le"), stream.encode("utf-16-le")
    data = _xls()
    at = data.index(old)
    entry = bytearray(data[at : at + 128])
    entry[:64] = new.ljust(64, b"\0")
    entry[64:66] = struct.pack("<H", len(new) + 2)
    return data[:at] + bytes(entry) + data[at + 128 :]


def _sound(container: str, codec: str, rate: int = 44100) -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format=container) as target:
        stream = target.add_stream(codec, rate=rate)
        stream.layout = "mono"
        frame = av.AudioFrame(format=stream.codec_context.format.name, layout="mono", samples=1152)
        frame.sample_rate = rate
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        for _ in range(20):
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return out.getvalue()


def _film(container: str, codec: str = "mpeg4") -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format=container) as target:
        stream = target.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for shade in range(10):
            picture = Image.new("RGB", (64, 48), (shade * 20, 0, 0))
            target.mux(stream.encode(av.VideoFrame.from_image(picture)))
        target.mux(stream.encode(None))
    return out.getvalue()


def _wav() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(1600))
    return out.getvalue()


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("léeme.txt", "hola")
    return out.getvalue()


def _7z() -> bytes:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w") as archive:
        archive.writestr("hola", "léeme.txt")
    return out.getvalue()


def _rar() -> bytes:
    """The one format that no free program writes: a RAR 4 archive of one stored file, field by field."""

    def block(kind: int, flags: int, rest: bytes, data: bytes = b"") -> bytes:
        head = struct.pack("<BHH", kind, flags, 7 + len(rest)) + rest
        return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head + data

    name, data = b"leeme.txt", b"hola"
    entry = struct.pack(
        "<IIBIIBBHI", len(data), len(data), 3, zlib.crc32(data), 0x5A210000, 20, 0x30, len(name), 0o100644
    )
    return b"Rar!\x1a\x07\x00" + block(0x73, 0, bytes(6)) + block(0x74, 0x8000, entry + name, data) + block(0x7B, 0x4000, b"")


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="4" height="3"><script>alert(1)</script></svg>'

SAMPLES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "pdf": ("application/pdf", lambda: _image("PDF")),
    "doc": ("application/msword", lambda: _ole("WordDocument")),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", _docx),
    "xls": ("application/vnd.ms-excel", _xls),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _xlsx),
    "ppt": ("application/vnd.ms-powerpoint", lambda: _ole("PowerPoint Document")),
    "pptx": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", _pptx),
    "txt": ("text/plain", lambda: "Mañana a las nueve.\n".encode()),
    "csv": ("text/csv", lambda: "año;cosa\n2025;una\n".encode()),
    "jpg": ("image/jpeg", lambda: _image("JPEG")),
    "jpeg": ("image/jpeg", lambda: _image("JPEG")),
    "png": ("image/png", lambda: _image("PNG")),
    "gif": ("image/gif", lambda: _image("GIF")),
    "webp": ("image/webp", lambda: _image("WEBP")),
    "svg": ("image/svg+xml", lambda: SVG),
    "mp3": ("audio/mpeg", lambda: _sound("mp3", "mp3")),
    "wav": ("audio/wav", _wav),
    "ogg": ("audio/ogg", lambda: _sound("ogg", "libvorbis")),
    "mp4": ("video/mp4", lambda: _film("mp4")),
    "avi": ("video/x-msvideo", lambda: _film("avi")),
    "mov": ("video/quicktime", lambda: _film("mov")),
    "zip": ("application/zip", _zip),
    "rar": ("application/vnd.rar", _rar),
    "7z": ("application/x-7z-compressed", _7z),
}


@functools.cache
def sample(extension: str) -> bytes:
    return SAMPLES[extension][1]()


def mime(extension: str) -> str:
    return SAMPLES[extension][0]


def turned_jpeg() -> bytes:
    """64 by 48 as it is stored, and shown on its side."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return _image("JPEG", exif=exif)


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header says that it is enormous."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    small = sample("png")
    return small[:8] + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header)) + small[33:]


def zip_bomb() -> bytes:
    """A hundred megabytes of nothing in a hundred kilobytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("nada", bytes(100 << 20))
    return out.getvalue()
