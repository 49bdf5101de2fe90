/* feed DEVICE FOLDER NAME: a camera's sensor. Writes the picture whose name stands in the file NAME, ten times a second, into a
 * v4l2loopback device. Pictures are FOLDER/<name>.pgm (P5, 8 bits), all of one size; an unknown name, or none, is grey.
 *
 * The file is read before every frame, so a label is held up by writing its name, and taken away by writing another. The first row is
 * noise, as no sensor gives the same picture twice. */
#include <err.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { WIDTH = 640, HEIGHT = 480, GREY = 128, NO_COLOUR = 128, FRAME_US = 100000 };

static unsigned char luma[WIDTH * HEIGHT], yuyv[2 * WIDTH * HEIGHT];

/* The picture's pixels into `luma`; grey where there is none. */
static void look_at(const char *folder, const char *name) {
    char path[512];
    int width, height;
    memset(luma, GREY, sizeof luma);
    snprintf(path, sizeof path, "%s/%s.pgm", folder, name);
    FILE *file = *name ? fopen(path, "rb") : NULL;
    if (!file) return;
    if (fscanf(file, "P5 %d %d 255", &width, &height) != 2 || width != WIDTH || height != HEIGHT || fgetc(file) == EOF ||
        fread(luma, 1, sizeof luma, file) != sizeof luma)
        errx(1, "%s is not a P5 picture of %dx%d", path, WIDTH, HEIGHT);
    fclose(file);
}

static void name_in(const char *file_name, char *name, size_t size) {
    FILE *file = fopen(file_name, "r");
    if (!file || !fgets(name, (int)size, file)) *name = 0;
    if (file) fclose(file);
    name[strcspn(name, "\n")] = 0;
}

int main(int count, char **words) {
    char shown[64] = "", name[64];
    if (count != 4) errx(64, "feed DEVICE FOLDER NAME");
    /* The driver keeps the format with the open file: S_FMT and write() share it. */
    int device = open(words[1], O_RDWR);
    if (device < 0) err(1, "%s", words[1]);
    struct v4l2_format format = {.type = V4L2_BUF_TYPE_VIDEO_OUTPUT};
    format.fmt.pix = (struct v4l2_pix_format){.width = WIDTH, .height = HEIGHT, .pixelformat = V4L2_PIX_FMT_YUYV,
                                              .field = V4L2_FIELD_NONE, .bytesperline = 2 * WIDTH, .sizeimage = sizeof yuyv};
    if (ioctl(device, VIDIOC_S_FMT, &format) < 0) err(1, "S_FMT");
    look_at(words[2], "");
    for (;;) {
        name_in(words[3], name, sizeof name);
        if (strcmp(name, shown)) look_at(words[2], name);
        strcpy(shown, name);
        for (size_t i = 0; i < WIDTH; i++) luma[i] = (unsigned char)(GREY + rand() % 8);
        for (size_t i = 0; i < sizeof luma; i++) {
            yuyv[2 * i] = luma[i];
            yuyv[2 * i + 1] = NO_COLOUR;
        }
        if (write(device, yuyv, sizeof yuyv) != sizeof yuyv) err(1, "write");
        usleep(FRAME_US);
    }
}
