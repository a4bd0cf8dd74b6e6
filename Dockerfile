# JupyterLab on nestlab's notebooks, with a simulated Hyper-V host:
#   docker build -t nestlab .
#   docker run --rm -p 127.0.0.1:8888:8888 nestlab     and open the address that it prints
# docs/how-to/containers.md says what of this was tried.
FROM python:3.13-slim
COPY . /opt/nestlab
RUN pip install --no-cache-dir -c /opt/nestlab/constraints.txt /opt/nestlab
RUN useradd --create-home nestlab
USER nestlab
WORKDIR /home/nestlab
RUN nestlab notebooks
EXPOSE 8888
CMD ["nestlab", "--no-browser", "--port", "8888", "--ip", "0.0.0.0"]
